import { Link, type LinkProps } from "@fluentui/react-components";
import { useContext, type ReactNode } from "react";
import { useHref, useLinkClickHandler, type To } from "react-router";

import { TabStop } from "./tabStop";

interface Props extends Pick<LinkProps, "className" | "inline"> {
  to: To;
  children: ReactNode;
  /** Names the link among the controls of a list's row. */
  "data-control"?: string;
}

/** A link to another place of this page, in the look of the theme. */
export function PageLink({ to, ...rest }: Props) {
  const href = useHref(to);
  const follow = useLinkClickHandler(to);
  const inOrder = useContext(TabStop);
  return <Link href={href} onClick={follow} tabIndex={inOrder ? undefined : -1} {...rest} />;
}
