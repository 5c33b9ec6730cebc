import { expect, test } from "vitest";

import { countdown, localTimes, moment, relative, remaining, took, urgencyOf } from "./time";

const now = "2026-11-23T12:00:00Z";
const at = (hours: number) => new Date(Date.parse(now) + hours * 3_600_000).toISOString();

test.each([
  [216, "in 9 days"],
  [-24, "yesterday"],
  [24, "tomorrow"],
  [30, "tomorrow"],
  [40, "in 2 days"],
  [5, "in 5 hours"],
  [0.5, "in 30 minutes"],
  [-0.001, "just now"],
  [24 * 200, "in 7 months"],
  [24 * 800, "in 2 years"],
])("%d hours away reads %s", (hours, text) => {
  expect(relative(at(hours), now)).toBe(text);
});

test("urgency changes at the ends of its spans", () => {
  expect(urgencyOf(null, now)).toBe("unknown");
  expect(urgencyOf(now, now)).toBe("ended");
  expect(urgencyOf(at(7 * 24 - 0.1), now)).toBe("urgent");
  expect(urgencyOf(at(7 * 24), now)).toBe("soon");
  expect(urgencyOf(at(30 * 24 - 0.1), now)).toBe("soon");
  expect(urgencyOf(at(30 * 24), now)).toBe("later");
});

test("the remaining part of a lifetime stays between 0 and 1", () => {
  expect(remaining(at(-100), at(100), now)).toBe(0.5);
  expect(remaining(at(-100), at(-50), now)).toBe(0);
  expect(remaining(at(50), at(100), now)).toBe(1);
  expect(remaining(at(50), at(50), now)).toBe(0);
  expect(remaining(null, at(100), now)).toBeNull();
});

test("how long a step took", () => {
  expect(took(now, now)).toBe("< 1 s");
  expect(took(now, at(1 / 3600))).toBe("1 s");
  expect(took(now, at(125 / 3600))).toBe("2 min 5 s");
  expect(took(at(1), now)).toBe("< 1 s");
});

test("the countdown ends at zero", () => {
  const start = Date.parse(now);
  expect(countdown(at(0.25), start)).toBe("15:00");
  expect(countdown(at(0.25), start + 898_500)).toBe("0:01");
  expect(countdown(at(0.25), start + 900_000)).toBe("0:00");
  expect(countdown(at(0.25), start + 999_000)).toBe("0:00");
});

test("the server's times are shown as the page shows times, and nothing else is touched", () => {
  expect(localTimes("It ends by itself on 2026-12-02 09:00 UTC. It was 2026-11-23, 9 UTC.")).toBe(
    `It ends by itself on ${moment("2026-12-02T09:00:00Z")}. It was 2026-11-23, 9 UTC.`,
  );
});
