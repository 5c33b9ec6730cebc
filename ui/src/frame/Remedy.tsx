import { Link as FluentLink, makeStyles, tokens } from "@fluentui/react-components";
import { useLocation } from "react-router";

import { partsOf } from "../text/remedy";
import { PageLink } from "./PageLink";

const useStyles = makeStyles({
  code: { fontFamily: tokens.fontFamilyMonospace, fontSize: "0.95em", overflowWrap: "anywhere" },
});

/**
 * A text of the server, its commands as the buttons and links of this page. Where the buttons are on another page, on
 * an account's, they link to it.
 */
export function Remedy({ text, buttonsAt }: { text: string; buttonsAt?: string }) {
  const styles = useStyles();
  const { pathname } = useLocation();
  return partsOf(text).map((part, index) => {
    switch (part.kind) {
      case "button":
        return buttonsAt === undefined ? (
          <b key={index}>{part.text}</b>
        ) : (
          <PageLink key={index} inline to={buttonsAt}>
            {part.text}
          </PageLink>
        );
      case "code":
        return (
          <code key={index} className={styles.code}>
            {part.text}
          </code>
        );
      case "operation":
        return (
          <PageLink key={index} inline to={{ pathname, search: `?operation=${part.ref ?? ""}` }}>
            {part.text}
          </PageLink>
        );
      case "account":
        return (
          <PageLink key={index} inline to={`/accounts/${encodeURIComponent(part.ref ?? "")}`}>
            {part.text}
          </PageLink>
        );
      case "page":
        return (
          <PageLink key={index} inline to={part.ref ?? "/"}>
            {part.text}
          </PageLink>
        );
      case "plain":
        return <LinkedText key={index} text={part.text} />;
    }
  });
}

/** Plain text; an address of https in it can be followed. */
function LinkedText({ text }: { text: string }) {
  return text.split(/(https:\/\/[^\s)]+[^\s).,;])/).map((piece, index) =>
    index % 2 === 1 ? (
      <FluentLink key={index} href={piece} target="_blank" rel="noreferrer" inline>
        {piece}
      </FluentLink>
    ) : (
      piece
    ),
  );
}
