import { defineConfig } from "@playwright/test";

import base from "./playwright.config";

// The pictures of docs/images, taken from a demo as it is: `make screenshots`.
export default defineConfig(base, { testDir: "screenshots", workers: 1, use: { ...base.use, trace: "off", deviceScaleFactor: 1 } });
