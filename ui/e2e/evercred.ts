import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const program = process.env.EVERCRED ?? join(import.meta.dirname, "../../bin/evercred");

/** Reads the KEY=value lines of a settings file. */
export function settings(path: string): Record<string, string> {
  return Object.fromEntries(
    readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

/** A demo of its own: server and emulated cloud in one process, as a person starts it. */
export class Demo {
  /** The one-time address that the demo printed. */
  login = "";
  private process: ChildProcess | null = null;

  private constructor(readonly folder: string) {}

  /**
   * Makes the folder of a demo that has been started for the first time, has checked its accounts and was ended. A demo
   * that starts on a copy of it need not make keys and accounts, which is most of what a start costs.
   */
  static async seed(): Promise<string> {
    const demo = await Demo.in(await mkdtemp(join(tmpdir(), "evercred-ui-seed-")));
    await demo.end("SIGTERM");
    return demo.folder;
  }

  /** Starts a demo on a copy of a folder that seed made. */
  static async start(seed: string): Promise<Demo> {
    const folder = await mkdtemp(join(tmpdir(), "evercred-ui-"));
    await cp(seed, folder, { recursive: true });
    return Demo.in(folder);
  }

  private static async in(folder: string): Promise<Demo> {
    const demo = new Demo(folder);
    await demo.run("127.0.0.1:0", "127.0.0.1:0");
    await demo.settled();
    return demo;
  }

  /** Waits until the demo has checked its accounts: what a test reads before its act must not change by itself after. */
  private async settled(): Promise<void> {
    for (let tries = 0; tries < 300; tries++) {
      const { accounts } = await this.api<{ accounts: { last_check_at: string | null }[] }>("GET", "/accounts");
      const { operations } = await this.api<{ operations: { state: string }[] }>("GET", "/operations");
      if (accounts.every((a) => a.last_check_at !== null) && operations.every((o) => o.state === "done")) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("the demo does not finish its first checks");
  }

  private async run(listen: string, emulatorListen: string): Promise<void> {
    const child = spawn(program, ["demo", "--listen", listen, "--emulator-listen", emulatorListen, "--data", this.folder], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    const log: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => log.push(chunk.toString()));
    const died = once(child, "exit").then(() => Promise.reject(new Error("the demo ended:\n" + log.join(""))));
    died.catch(() => undefined); // it ends at the end, too
    const ready = (async () => {
      for await (const line of createInterface({ input: child.stdout })) {
        const login = /^\s*(http\S+#login=\S+)/.exec(line);
        if (login?.[1]) this.login = login[1];
        if (line.startsWith("Evercred runs at")) return;
      }
    })();
    await Promise.race([ready, died]);
    child.stdout.resume();
  }

  /** Kills the process as a power cut would, and gives back how to start it again at the same addresses. */
  async kill(): Promise<() => Promise<void>> {
    const listen = new URL(this.url).host;
    const emulatorListen = new URL(this.cloud["BASE_URL"] ?? "").host.replace("localhost", "127.0.0.1");
    await this.end("SIGKILL");
    return () => this.run(listen, emulatorListen);
  }

  async stop(): Promise<void> {
    await this.end("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }

  private async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (this.process?.exitCode !== null || this.process.signalCode !== null) return;
    const gone = once(this.process, "exit");
    this.process.kill(signal);
    await gone;
  }

  private get env(): Record<string, string> {
    return settings(join(this.folder, "demo.env"));
  }

  get url(): string {
    return this.env["EVERCRED_URL"] ?? "";
  }

  get token(): string {
    return this.env["EVERCRED_TOKEN"] ?? "";
  }

  /** What the emulated cloud says of itself: its address, ids, and an application that may do everything. */
  get cloud(): Record<string, string> {
    return settings(this.env["EMULATOR_ENV"] ?? "");
  }

  /** Asks the server's REST API, as a script would. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.url + "/api/v1" + path, {
      method,
      headers: { authorization: "Bearer " + this.token, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Uses a control of the emulated cloud. */
  async control(method: string, path: string, body?: unknown): Promise<void> {
    const { CA_FILE = "", BASE_URL = "" } = this.cloud;
    await new Promise<void>((resolve, reject) => {
      const call = request(
        BASE_URL + "/_emulator" + path,
        { method, ca: readFileSync(CA_FILE), headers: { "content-type": "application/json" } },
        (answer) => {
          answer.resume();
          answer.on("end", () => {
            if ((answer.statusCode ?? 500) < 300) resolve();
            else reject(new Error(`${method} ${path}: ${answer.statusCode ?? 0}`));
          });
        },
      );
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
