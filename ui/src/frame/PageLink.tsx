import { Link, type LinkProps } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { useHref, useLinkClickHandler, type To } from "react-router";

/** A link to another place of this page, in the look of the theme. */
export function PageLink({ to, children, className, inline }: { to: To; children: ReactNode } & Pick<LinkProps, "className" | "inline">) {
  const href = useHref(to);
  const follow = useLinkClickHandler(to);
  return (
    <Link href={href} onClick={follow} className={className} inline={inline}>
      {children}
    </Link>
  );
}
