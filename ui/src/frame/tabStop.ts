import { createContext } from "react";

/**
 * Whether links stand in the order of the Tab key. In a long list only one row does; the arrow keys move between rows, so that
 * nobody has to go through thousands of links to what comes after.
 */
export const TabStop = createContext(true);
