import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// File names carry no hash: dist is committed, and the server revalidates by ETag.
export default defineConfig({
  plugins: [react()],
  build: {
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000, // kB before compression; a test holds the compressed first load under 300 kB
    rollupOptions: {
      output: {
        entryFileNames: "assets/[name].js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
      },
    },
  },
  server: {
    proxy: { "/api": { target: process.env.EVERCRED_URL ?? "http://127.0.0.1:8080" } },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"] },
});
