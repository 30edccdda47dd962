import {useState} from "preact/hooks";
import {messageOf, post} from "../data/client.ts";
import {Brand} from "./shell.tsx";

export function Login({done}: {done: () => void}) {
  const [token, setToken] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError("");
    try {
      await post("/login", {token: token.trim()});
      done();
    } catch (reason) {
      setError(messageOf(reason));
    }
    setBusy(false);
  };
  return <main class="login">
    <form class="panel" onSubmit={(event) => void submit(event)}><div class="inside">
      <h1><Brand/></h1>
      <input type="text" name="username" autocomplete="username" value="fracas" hidden readOnly/>
      <label for="token">Token</label>
      <input id="token" type="password" autocomplete="current-password" required value={token} aria-describedby="token-help" aria-invalid={error ? true : undefined}
        onInput={(event) => setToken(event.currentTarget.value)}/>
      {error && <p class="notice bad" role="alert">{error}</p>}
      <button class="primary" disabled={busy || !token.trim()}>Log in</button>
      <p id="token-help" class="muted small">A token is printed once, by <code>fracas serve user add NAME --role ROLE</code> on the controller.</p>
    </div></form>
  </main>;
}
