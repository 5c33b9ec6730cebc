import type { ManagementGroup } from "../api/signins";

/** Management groups in the order of their tree, each with how deep it lies. One whose parent is not seen stands at the top. */
export function inTree(groups: readonly ManagementGroup[]): { group: ManagementGroup; depth: number }[] {
  const there = new Set(groups.map((g) => g.id));
  const out: { group: ManagementGroup; depth: number }[] = [];
  const seen = new Set<string>();
  const put = (group: ManagementGroup, depth: number) => {
    if (seen.has(group.id)) return; // a ring, which Azure does not make
    seen.add(group.id);
    out.push({ group, depth });
    for (const child of sorted(groups.filter((g) => g.parent === group.id && g.id !== group.id))) put(child, depth + 1);
  };
  for (const root of sorted(groups.filter((g) => !there.has(g.parent) || g.parent === g.id))) put(root, 0);
  for (const group of groups) put(group, 0);
  return out;
}

function sorted(groups: ManagementGroup[]): ManagementGroup[] {
  return groups.sort((a, b) => a.name.localeCompare(b.name));
}
