import {
  Button,
  Checkbox,
  Field,
  Radio,
  RadioGroup,
  Select,
  Spinner,
  Text,
  makeStyles,
  mergeClasses,
  tokens,
} from "@fluentui/react-components";
import { ChevronDownRegular, ChevronRightRegular } from "@fluentui/react-icons";
import { useState } from "react";

import { useProfiles, type Profile, type Purpose } from "../api/permissions";
import { explanationOf } from "../api/problem";
import { ProblemNotice } from "../frame/Notice";
import type { PurposesDraft } from "./draft";
import { amount, choose, needsOf, treeOf, type Group } from "./purposes";
import { useStepStyles } from "./styles";
import { profileTitle } from "./summary";

const useStyles = makeStyles({
  tree: {
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    listStyleType: "none",
    margin: 0,
    padding: 0,
  },
  group: { borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, ":last-child": { borderBottom: "none" } },
  children: { listStyleType: "none", margin: 0, padding: `0 0 ${tokens.spacingVerticalS} ${tokens.spacingHorizontalXXL}` },
  line: {
    display: "flex",
    alignItems: "center",
    justifyContent: "space-between",
    gap: tokens.spacingHorizontalS,
    paddingRight: tokens.spacingHorizontalS,
  },
  actions: {
    margin: `0 ${tokens.spacingHorizontalM} ${tokens.spacingVerticalS} 34px`,
    padding: tokens.spacingHorizontalM,
    maxHeight: "240px",
    overflowY: "auto",
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontSize: tokens.fontSizeBase200,
    "@media (max-width: 520px)": { marginLeft: 0 },
  },
});

interface Props {
  draft: PurposesDraft;
  onChange: (part: Partial<PurposesDraft>) => void;
  message: (field: string) => string | undefined;
}

/** What the software is allowed to do: a profile, and of it everything or a choice. */
export function PurposesStep({ draft, onChange, message }: Props) {
  const styles = useStepStyles();
  const profiles = useProfiles();
  if (profiles.error && !profiles.data)
    return (
      <ProblemNotice problem={explanationOf(profiles.error)} actions={<Button onClick={() => void profiles.refetch()}>Try again</Button>} />
    );
  if (!profiles.data)
    return <Spinner label={profiles.failureCount > 0 ? "The server does not answer. Trying again…" : "Reading the permission profiles…"} />;
  const profile = profiles.data.find((p) => p.name === draft.profile);
  return (
    <div className={styles.stack}>
      <Field
        className={styles.field}
        label="Permission profile"
        hint={profile?.source === "" ? undefined : profile?.source}
        validationMessage={profile === undefined ? `This server has no profile named ${draft.profile}. Choose another.` : undefined}
      >
        <Select value={draft.profile} onChange={(_event, data) => onChange({ profile: data.value, granular: false, purposes: [] })}>
          {profile === undefined && <option value={draft.profile}>{draft.profile}</option>}
          {profiles.data.map((p) => (
            <option key={p.name} value={p.name}>
              {profileTitle(p, p.name)}
            </option>
          ))}
        </Select>
      </Field>
      {profile && profile.purposes.length === 0 && <Roles roles={profile.roles} />}
      {profile && profile.purposes.length > 0 && <Purposes profile={profile} draft={draft} onChange={onChange} message={message} />}
    </div>
  );
}

function Roles({ roles }: { roles: readonly string[] }) {
  const styles = useStepStyles();
  return (
    <div className={styles.tight}>
      <Text>The account gets these built-in roles of Azure, on all of its scope:</Text>
      <ul style={{ margin: 0 }}>
        {roles.map((role) => (
          <li key={role}>
            <Text weight="semibold">{role}</Text>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Purposes({ profile, draft, onChange, message }: Props & { profile: Profile }) {
  const styles = useStyles();
  const step = useStepStyles();
  const wrong = message("purposes");
  return (
    <div className={step.stack}>
      <Field label="What the account is for" validationMessage={wrong}>
        <RadioGroup value={draft.granular ? "some" : "all"} onChange={(_event, data) => onChange({ granular: data.value === "some" })}>
          <Radio value="all" label={`Everything (${amount(needsOf(profile, { granular: false, purposes: [] }))})`} />
          <Radio value="some" label="Only what I choose" />
        </RadioGroup>
      </Field>
      {draft.granular && (
        <>
          <ul className={styles.tree} aria-label="Purposes">
            {treeOf(profile).map((group) => (
              <Branch
                key={group.title}
                group={group}
                chosen={draft.purposes}
                onToggle={(names, on) => onChange({ purposes: choose(profile, draft.purposes, names, on) })}
              />
            ))}
          </ul>
          <Text role="status" className={step.subtle}>
            {draft.purposes.length} of {profile.purposes.length} purposes: {amount(needsOf(profile, draft))}.
          </Text>
        </>
      )}
    </div>
  );
}

type Toggle = (names: string[], on: boolean) => void;

function Branch({ group, chosen, onToggle }: { group: Group; chosen: readonly string[]; onToggle: Toggle }) {
  const styles = useStyles();
  const names = group.purposes.map((p) => p.name);
  const on = names.filter((name) => chosen.includes(name)).length;
  return (
    <li className={styles.group}>
      <Checkbox
        label={<b>{group.title}</b>}
        checked={on === 0 ? false : on === names.length ? true : "mixed"}
        onChange={(_event, data) => onToggle(names, data.checked === true)}
      />
      <ul className={styles.children} aria-label={group.title}>
        {group.purposes.map((purpose) => (
          <Leaf key={purpose.name} purpose={purpose} checked={chosen.includes(purpose.name)} onToggle={onToggle} />
        ))}
      </ul>
    </li>
  );
}

function Leaf({ purpose, checked, onToggle }: { purpose: Purpose; checked: boolean; onToggle: Toggle }) {
  const styles = useStyles();
  const step = useStepStyles();
  const [open, setOpen] = useState(false);
  return (
    <li>
      <div className={styles.line}>
        <Checkbox label={purpose.title} checked={checked} onChange={(_event, data) => onToggle([purpose.name], data.checked === true)} />
        <Button
          size="small"
          appearance="subtle"
          icon={open ? <ChevronDownRegular /> : <ChevronRightRegular />}
          aria-expanded={open}
          aria-label={`What ${purpose.title} needs: ${amount({ actions: purpose.actions, dataActions: purpose.data_actions })}`}
          onClick={() => setOpen(!open)}
        >
          {amount({ actions: purpose.actions, dataActions: purpose.data_actions })}
        </Button>
      </div>
      {open && (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        <div className={mergeClasses(styles.actions, step.mono)} role="region" aria-label={`What ${purpose.title} needs`} tabIndex={0}>
          {purpose.actions.map((action) => (
            <div key={action}>{action}</div>
          ))}
          {purpose.data_actions.map((action) => (
            <div key={action}>{action} (data)</div>
          ))}
        </div>
      )}
    </li>
  );
}
