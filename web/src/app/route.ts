import {useEffect, useState} from "preact/hooks";

// Where the page is: the part of the address behind '#', as decoded steps and a query.

export interface Route {
  steps: string[];
  query: URLSearchParams;
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const decode = (step: string): string => { try { return decodeURIComponent(step); } catch { return step; } };
  return {steps: path.split("/").filter(Boolean).map(decode), query: new URLSearchParams(query)};
}

export const linkTo = (...steps: string[]): string => `#/${steps.map(encodeURIComponent).join("/")}`;

export function goTo(...steps: string[]): void { location.hash = linkTo(...steps); }

// Writes the query into the address without a new entry in the browser's history.
export function replaceQuery(steps: string[], query: Record<string, string>): void {
  const filled = Object.entries(query).filter(([, value]) => value);
  const text = new URLSearchParams(filled).toString();
  history.replaceState(null, "", linkTo(...steps) + (text ? `?${text}` : ""));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const changed = (): void => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
