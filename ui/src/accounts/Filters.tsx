import {
  Button,
  CounterBadge,
  Field,
  Input,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  Select,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { FilterRegular } from "@fluentui/react-icons";

import { useId } from "react";

import { useServer } from "../api/queries";
import type { AccountList } from "./list";
import { narrowings, type ListQuery } from "./query";

const useStyles = makeStyles({
  surface: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, minWidth: "280px", maxWidth: "90vw" },
});

interface Props {
  query: ListQuery;
  onQuery: (part: Partial<ListQuery>) => void;
  list: AccountList | undefined;
}

/** The filters beside search and state: cloud, tenant, method, and who made the application. */
export function Filters({ query, onQuery, list }: Props) {
  const styles = useStyles();
  const server = useServer();
  const set = narrowings(query);
  const clouds = server.data?.clouds ?? [];
  const options = useId();
  // Those of the accounts in sight, to pick from; any other can be typed.
  const tenants = [...new Set(list?.accounts.map((account) => account.tenant_id) ?? [])];
  return (
    <Popover inline trapFocus positioning="below-start">
      <PopoverTrigger disableButtonEnhancement>
        <Button icon={<FilterRegular />} aria-label={set === 0 ? "Filter" : `Filter: ${set} set`}>
          Filter
          {set > 0 && <CounterBadge count={set} size="small" color="brand" style={{ marginLeft: 6 }} aria-hidden />}
        </Button>
      </PopoverTrigger>
      <PopoverSurface className={styles.surface} aria-label="Filters">
        <Field label="Authentication">
          <Select value={query.method} onChange={(_event, data) => onQuery({ method: data.value })}>
            <option value="">Any</option>
            <option value="secret">Client (application) secret</option>
            <option value="certificate">Certificate</option>
          </Select>
        </Field>
        <Field label="Application from">
          <Select value={query.origin} onChange={(_event, data) => onQuery({ origin: data.value })}>
            <option value="">Any</option>
            <option value="created">Evercred made it</option>
            <option value="existing">It was there before</option>
          </Select>
        </Field>
        <Field label="Tenant ID">
          <Input
            value={query.tenant}
            input={{ list: options }}
            autoComplete="off"
            spellCheck={false}
            onChange={(_event, data) => onQuery({ tenant: data.value.trim() })}
          />
          <datalist id={options}>
            {tenants.map((tenant) => (
              <option key={tenant} value={tenant} />
            ))}
          </datalist>
        </Field>
        {clouds.length > 1 && (
          <Field label="Cloud">
            <Select value={query.cloud} onChange={(_event, data) => onQuery({ cloud: data.value })}>
              <option value="">Any</option>
              {clouds.map((cloud) => (
                <option key={cloud} value={cloud}>
                  {cloud}
                </option>
              ))}
            </Select>
          </Field>
        )}
        <Button disabledFocusable={set === 0} onClick={() => onQuery({ cloud: "", tenant: "", origin: "", method: "" })}>
          Clear these filters
        </Button>
      </PopoverSurface>
    </Popover>
  );
}
