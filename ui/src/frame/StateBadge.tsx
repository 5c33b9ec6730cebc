import { Badge } from "@fluentui/react-components";
import { CheckmarkCircleFilled, ErrorCircleFilled, QuestionCircleRegular, WarningFilled } from "@fluentui/react-icons";

import type { Tone } from "../text/states";

const looks = {
  good: { color: "success", icon: <CheckmarkCircleFilled /> },
  neutral: { color: "informative", icon: <QuestionCircleRegular /> },
  warning: { color: "warning", icon: <WarningFilled /> },
  bad: { color: "danger", icon: <ErrorCircleFilled /> },
} as const;

/** A state in a word, with an icon and a colour that say the same. */
export function StateBadge({ tone, text }: { tone: Tone; text: string }) {
  return (
    <Badge
      appearance="tint"
      color={looks[tone].color}
      icon={looks[tone].icon}
      size="large"
      shape="rounded"
      style={{ whiteSpace: "nowrap", flexShrink: 0 }}
    >
      {text}
    </Badge>
  );
}
