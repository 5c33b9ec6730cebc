(async () => {
  const path = "/api/v1/sign-ins/callback";
  const returns = "/api/v1/sign-in-returns";
  const url = location.href;
  const answered = location.hash.length > 1 ? location.hash.slice(1) : location.search.slice(1);
  history.replaceState(null, "", location.pathname);
  const say = (title, text, next) => {
    document.getElementById("title").textContent = title;
    document.getElementById("text").textContent = text ?? "";
    document.getElementById("next").textContent = next ?? "";
  };
  const paste = (text) => {
    say("Almost there", text, "Copy the address below and paste it there.");
    document.getElementById("paste").hidden = false;
    const field = document.getElementById("address");
    field.value = url;
    field.addEventListener("focus", () => field.select());
  };
  let response, body;
  try {
    response = await fetch(returns, {
      method: "POST", credentials: "same-origin", cache: "no-store", referrerPolicy: "no-referrer",
      headers: { "Content-Type": "application/json" }, body: JSON.stringify({ url }),
    });
    body = await response.json();
  } catch {
    paste("The Evercred server does not answer. The sign-in waits in the window where you began it.");
    return;
  }
  const base = document.documentElement.dataset.base;
  if (response.status === 401 && base && base !== location.origin) {
    // The same server under the address that the session is for. Behind the #, what came back reaches no server on the way.
    location.replace(base + path + "#" + answered);
    return;
  }
  if (response.status === 401) {
    paste("This browser is not signed in to Evercred, so the sign-in is completed where you began it.");
    return;
  }
  if (response.ok && body.state === "signed_in") {
    say("Signed in as " + body.person, "You can close this tab and go back to Evercred.");
    return;
  }
  const problem = response.ok ? body.problem : { message: body.detail, meaning: body.meaning, remedy: body.remedy };
  say("The sign-in was not completed", [problem?.message, problem?.meaning].filter(Boolean).join(" "), (problem?.remedy ?? "").replaceAll("`", ""));
})();
