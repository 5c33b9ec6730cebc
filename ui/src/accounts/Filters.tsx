import {
  Button,
  CounterBadge,
  Field,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  Select,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { FilterRegular } from "@fluentui/react-icons";

import { useAccountTenants, useServer } from "../api/queries";
import { accountsText } from "../text/count";
import { narrowings, type ListQuery } from "./query";

const useStyles = makeStyles({
  surface: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, minWidth: "280px", maxWidth: "90vw" },
});

interface Props {
  query: ListQuery;
  onQuery: (part: Partial<ListQuery>) => void;
}

/** The tenants to choose from, each once: those of accounts, and the one that the address names, which may have none any more. */
function tenantsOf(found: readonly { id: string; accounts: number }[], chosen: string): { id: string; accounts: number }[] {
  const counts = new Map<string, number>();
  for (const { id, accounts } of found) counts.set(id, (counts.get(id) ?? 0) + accounts); // of several clouds
  if (chosen !== "" && !counts.has(chosen)) counts.set(chosen, 0);
  return [...counts].map(([id, accounts]) => ({ id, accounts }));
}

/** The filters beside search and state: cloud, tenant, method, and who made the application. */
export function Filters({ query, onQuery }: Props) {
  const styles = useStyles();
  const server = useServer();
  const set = narrowings(query);
  const clouds = server.data?.clouds ?? [];
  const tenants = tenantsOf(useAccountTenants().data ?? [], query.tenant.toLowerCase());
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
        <Field label="Tenant">
          <Select value={query.tenant.toLowerCase()} onChange={(_event, data) => onQuery({ tenant: data.value })}>
            <option value="">Any</option>
            {tenants.map(({ id, accounts }) => (
              <option key={id} value={id}>
                {accounts > 0 ? `${id} (${accountsText(accounts)})` : id}
              </option>
            ))}
          </Select>
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
