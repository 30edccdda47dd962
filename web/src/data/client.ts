// Calls of the HTTP API. The session is a cookie that scripts cannot read; calls that change something carry a header
// that pages of other origins cannot send.

export class ApiError extends Error {
  constructor(readonly status: number, message: string, readonly code = "") {
    super(message);
  }
}

let onUnauthorized: () => void = () => undefined;

// `handler` runs whenever an answer says that nobody is logged in.
export function whenUnauthorized(handler: () => void): void { onUnauthorized = handler; }

const kPrefix = "/api/v1";

async function failureOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const {error, code} = JSON.parse(text) as {error?: string; code?: string};
    return new ApiError(response.status, error ?? response.statusText, code);
  } catch {
    return new ApiError(response.status, text.slice(0, 200) || `HTTP ${response.status}`);
  }
}

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(kPrefix + path, {method, credentials: "same-origin", cache: "no-store",
      headers: {...(method === "GET" ? {} : {"X-Fracas": "1"}), ...(body === undefined ? {} : {"Content-Type": "application/json"})},
      ...(body === undefined ? {} : {body: JSON.stringify(body)})});
  } catch {
    throw new ApiError(0, "The controller does not answer.");
  }
  if (response.ok) return response;
  if (response.status === 401 && path !== "/login") onUnauthorized();
  throw await failureOf(response);
}

export async function get<T>(path: string): Promise<T> { return await (await send("GET", path)).json() as T; }
export async function getBytes(path: string): Promise<ArrayBuffer> { return await (await send("GET", path)).arrayBuffer(); }

export async function post<T = unknown>(path: string, body: unknown = {}): Promise<T | null> {
  const text = await (await send("POST", path, body)).text();
  return text ? JSON.parse(text) as T : null;
}

export async function put(path: string, body: unknown): Promise<void> { await send("PUT", path, body); }

export const fileAddress = (run: string, name: string): string => `${kPrefix}/runs/${encodeURIComponent(run)}/files/${name.split("/").map(encodeURIComponent).join("/")}`;
export const eventsAddress = (run: string): string => `${kPrefix}/runs/${encodeURIComponent(run)}/events`;
export const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error);
