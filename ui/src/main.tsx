import { createRoot } from "react-dom/client";

import "./index.css";

import { App } from "./app";
import { redeemAddress } from "./session/session";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root element");
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
const refused = await redeemAddress();
createRoot(root).render(<App nonce={nonce} refused={refused} />);
