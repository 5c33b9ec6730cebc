import { Link as FluentLink, makeStyles, tokens } from "@fluentui/react-components";
import { useLocation } from "react-router";

import { partsOf } from "../text/remedy";
import { PageLink } from "./PageLink";

const useStyles = makeStyles({
  code: { fontFamily: tokens.fontFamilyMonospace, fontSize: "0.95em", overflowWrap: "anywhere" },
});

/** A text of the server, its commands as the buttons and links of this page. */
export function Remedy({ text }: { text: string }) {
  const styles = useStyles();
  const { pathname } = useLocation();
  return partsOf(text).map((part, index) => {
    switch (part.kind) {
      case "button":
        return <b key={index}>{part.text}</b>;
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
