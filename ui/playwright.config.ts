import { existsSync } from "node:fs";

import { defineConfig } from "@playwright/test";

// Debian's Chromium, or the one that CHROMIUM names. Playwright's own download is not used. The headless shell is the same
// browser without windows of its own, and needs a third less of the processor.
const chromium =
  process.env.CHROMIUM ??
  ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
    existsSync(path),
  );

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  fullyParallel: true,
  forbidOnly: true,
  // In CI a test that fails once is run once more and listed as flaky: a defect to mend, which holds nobody else up.
  retries: process.env.CI ? 1 : 0,
  // Much of a test is waiting: Microsoft's sign-in is asked about every five seconds.
  workers: 3,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] },
    locale: "en-GB",
    timezoneId: "UTC",
    // Colours that are still changing have no contrast to measure.
    contextOptions: { reducedMotion: "reduce" },
    viewport: { width: 1280, height: 900 },
    // Recording costs as much as the tests themselves.
    trace: process.env.TRACE ? "on" : "off",
    screenshot: "only-on-failure",
  },
});
