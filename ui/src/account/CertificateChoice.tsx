import { Button, Field, Input, Spinner, Text, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, ErrorCircleFilled, QuestionCircleRegular } from "@fluentui/react-icons";
import { useEffect, useMemo, useRef, useState, type ChangeEvent, type DragEvent } from "react";

import { api, take as dataOf, type CertificatePreview } from "../api/client";
import { explanationOf, type Explanation } from "../api/problem";
import { ProblemNotice } from "../frame/Notice";
import { Remedy } from "../frame/Remedy";
import { date, relative } from "../text/time";
import type { ChosenFile, Draft } from "./draft";

// The server refuses more than this; a file so much larger is no certificate and is not read at all.
const largest = 2 << 20;
// The file is looked at once the typing pauses for this long.
const typingPause = 400;
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const useStyles = makeStyles({
  row: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalM },
  place: {
    padding: tokens.spacingHorizontalS,
    border: `1px dashed ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  over: { border: `1px dashed ${tokens.colorBrandStroke1}`, backgroundColor: tokens.colorNeutralBackground1Hover },
  name: { overflowWrap: "anywhere" },
  facts: {
    display: "grid",
    gridTemplateColumns: "max-content minmax(0, 1fr)",
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    margin: 0,
    padding: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    "@media (max-width: 480px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  term: { color: tokens.colorNeutralForeground2 },
  value: { margin: 0, overflowWrap: "anywhere" },
  mono: { fontFamily: tokens.fontFamilyMonospace },
  fit: { display: "flex", gap: tokens.spacingHorizontalXS, alignItems: "flex-start" },
  yes: { color: tokens.colorStatusSuccessForeground1 },
  no: { color: tokens.colorStatusDangerForeground1 },
  icon: { flexShrink: 0, marginTop: "2px" },
  hidden: { display: "none" },
});

interface Props {
  file: ChosenFile | null;
  password: string;
  applicationID: string;
  tenantID: string;
  cloud: string;
  /** The moment by the cloud's clock, RFC 3339. */
  now: string;
  onChange: (part: Partial<Draft>) => void;
  fileMessage: string | undefined;
  passwordMessage: string | undefined;
}

/** Select File and Password; what the chosen certificate is, and whether it fits the application, before it is saved. */
export function CertificateChoice({ file, password, applicationID, tenantID, cloud, now, onChange, fileMessage, passwordMessage }: Props) {
  const styles = useStyles();
  const input = useRef<HTMLInputElement>(null);
  const [unusable, setUnusable] = useState("");
  const preview = usePreview({ file, password, applicationID, tenantID, cloud });
  const [over, setOver] = useState(false);
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0];
    event.target.value = ""; // so that the same file can be chosen again after it was changed
    if (chosen) void take(chosen);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files;
    if (dropped.length > 1) {
      setUnusable("Drop one file only: the PFX or P12 file.");
      onChange({ file: null });
    } else if (dropped[0]) void take(dropped[0]);
  };
  const hover = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setOver(true);
  };
  const take = async (chosen: File) => {
    const why = kindProblem(chosen) || sizeProblem(chosen);
    setUnusable(why);
    if (why !== "") {
      onChange({ file: null });
      return;
    }
    onChange({ file: { name: chosen.name, content: base64(new Uint8Array(await chosen.arrayBuffer())) } });
  };
  const asksPassword = preview.problem?.field === "password";
  const wrongPassword = asksPassword && password !== "" ? preview.problem?.message : undefined;
  const unreadable = preview.problem && !asksPassword ? preview.problem : null;
  return (
    <>
      <Field
        label="Certificate"
        hint="A .pfx or .p12 file with the private key."
        validationMessage={fileMessage ?? (unusable === "" ? undefined : unusable)}
      >
        <div
          className={mergeClasses(styles.row, styles.place, over && styles.over)}
          onDragOver={hover}
          onDragEnter={hover}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <input
            ref={input}
            className={styles.hidden}
            type="file"
            accept=".pfx,.p12,application/x-pkcs12"
            onChange={choose}
            aria-label="Certificate file"
            tabIndex={-1}
          />
          <Button onClick={() => input.current?.click()}>Select File</Button>
          <Text className={styles.name}>{file ? file.name : "No file selected. You can also drop it here."}</Text>
        </div>
      </Field>
      <Field
        label="Password"
        hint={asksPassword && password === "" ? "The file is protected: enter its password." : undefined}
        validationMessage={passwordMessage ?? wrongPassword}
      >
        <Input
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={password}
          onChange={(_event, data) => onChange({ password: data.value })}
        />
      </Field>
      {preview.busy && <Spinner size="tiny" labelPosition="after" label="Reading the certificate and asking whether it fits…" />}
      {unreadable && fileMessage === undefined && <ProblemNotice problem={unreadable} />}
      {preview.found && <Facts found={preview.found} now={now} />}
    </>
  );
}

function kindProblem(file: File): string {
  // One without an extension may be one: the server looks into it.
  if (!file.name.includes(".") || /\.(pfx|p12)$/i.test(file.name)) return "";
  return `${file.name} is not a PFX or P12 file. Choose the file with the certificate and its private key.`;
}

function sizeProblem(file: File): string {
  if (file.size === 0) return `${file.name} is empty. Choose a PFX or P12 file.`;
  if (file.size <= largest) return "";
  return `${file.name} is too large to be a certificate: it has ${Math.round(file.size / 1024)} KiB, and the limit is 1 MiB. Choose a PFX or P12 file.`;
}

function Facts({ found, now }: { found: CertificatePreview; now: string }) {
  const styles = useStyles();
  const icon =
    found.fits === "yes" ? (
      <CheckmarkCircleFilled className={mergeClasses(styles.icon, styles.yes)} aria-hidden />
    ) : found.fits === "no" ? (
      <ErrorCircleFilled className={mergeClasses(styles.icon, styles.no)} aria-hidden />
    ) : (
      <QuestionCircleRegular className={styles.icon} aria-hidden />
    );
  const verb = found.state === "expired" ? "Ended" : "Ends";
  return (
    <dl className={styles.facts} aria-label="The chosen certificate">
      <dt className={styles.term}>Subject</dt>
      <dd className={styles.value}>{found.subject}</dd>
      <dt className={styles.term}>Thumbprint</dt>
      <dd className={mergeClasses(styles.value, styles.mono)}>{found.thumbprint}</dd>
      {found.state === "not_yet_valid" && (
        <>
          <dt className={styles.term}>Begins</dt>
          <dd className={styles.value}>
            {date(found.starts_at)}, {relative(found.starts_at, now)}
          </dd>
        </>
      )}
      <dt className={styles.term}>{verb}</dt>
      <dd className={styles.value}>
        {date(found.expires_at)}, {relative(found.expires_at, now)}
      </dd>
      <dt className={styles.term}>Key</dt>
      <dd className={styles.value}>{found.key}</dd>
      <dt className={styles.term}>Fits the application</dt>
      <dd className={styles.value}>
        <span className={styles.fit} role="status">
          {icon}
          <span>
            {found.fits === "yes" ? "Yes. " : found.fits === "no" ? "No. " : "Not known. "}
            <Remedy text={found.fits_detail} /> <Remedy text={found.fits_remedy} />
          </span>
        </span>
      </dd>
    </dl>
  );
}

interface Preview {
  busy: boolean;
  found: CertificatePreview | null;
  problem: Explanation | null;
}

const nothing: Preview = { busy: false, found: null, problem: null };

interface Question {
  file: ChosenFile | null;
  password: string;
  applicationID: string;
  tenantID: string;
  cloud: string;
}

/** Asks the server what the file holds. The password is in the request alone: no cache of this page keeps it. */
function usePreview({ file, password, applicationID, tenantID, cloud }: Question): Preview {
  const question = useMemo(
    () => ({ file, password, applicationID: applicationID.trim(), tenantID: tenantID.trim(), cloud }),
    [file, password, applicationID, tenantID, cloud],
  );
  const [answer, setAnswer] = useState<{ to: Question; preview: Preview } | null>(null);
  useEffect(() => {
    if (!question.file) return;
    const { content } = question.file;
    const abort = new AbortController();
    // Half-typed ids fit nothing: the file is then read alone.
    const named =
      guid.test(question.applicationID) && question.tenantID !== ""
        ? { application_id: question.applicationID, tenant_id: question.tenantID }
        : {};
    const ask = async () => {
      try {
        const body = { certificate: content, password: question.password, cloud: question.cloud, ...named };
        const found = await dataOf(api.POST("/api/v1/certificate-preview", { body, signal: abort.signal }));
        setAnswer({ to: question, preview: { ...nothing, found } });
      } catch (error) {
        if (!abort.signal.aborted) setAnswer({ to: question, preview: { ...nothing, problem: explanationOf(error) } });
      }
    };
    const timer = setTimeout(() => void ask(), typingPause);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [question]);
  if (!file) return nothing;
  // An answer to another file, password or application says nothing about these.
  return answer?.to === question ? answer.preview : { ...nothing, busy: true };
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}
