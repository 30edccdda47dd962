import {createContext} from "preact";
import {useContext} from "preact/hooks";
import {type Me, type Role, mayAs} from "../data/api.ts";

// Who is logged in, for every part of the page.

export interface Session {
  me: Me;
  reload: () => void;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("There is no session.");
  return session;
}

export function useMay(role: Role): boolean { return mayAs(useSession().me.role, role); }
