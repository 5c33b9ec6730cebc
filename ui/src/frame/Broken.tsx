import { Component, type ReactNode } from "react";

interface State {
  failed: boolean;
}

/**
 * Stands in for a page that threw: most likely the server was upgraded and tells things that this page, still open from
 * before, does not know. Plain elements, since what failed may be any of the others.
 */
export class Broken extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <main style={{ maxWidth: 480, margin: "15vh auto", padding: 16 }}>
        <h1>This page cannot go on</h1>
        <p>Something in it failed; perhaps Evercred was upgraded while it was open. Operations go on at the server, and nothing is lost.</p>
        <button type="button" onClick={() => location.reload()}>
          Reload the page
        </button>
      </main>
    );
  }
}
