/** Cuts a text after its second line, with an ellipsis. */
export const twoLines = {
  display: "-webkit-box",
  WebkitLineClamp: "2",
  WebkitBoxOrient: "vertical", // the only way to it, and kept by all browsers for that
  overflow: "hidden",
} as const;
