import type { Chronicle } from './chronicle.ts';
import type { Home } from './home.ts';
import type { Reporter } from './report.ts';
import type { Transports } from './transports.ts';

/** Keeps what a node may talk to by the charter in force, and tells its operator when its own key is no longer a member's. */
export function followCharter(
  { self }: Home,
  chronicle: Chronicle,
  { admission, host }: Transports,
  own: (work: Promise<void>) => void,
  report: Reporter,
): void {
  const { fold } = chronicle;
  admission.take(fold.history());
  chronicle.onCharter(({ id, document, members }) => {
    admission.take(fold.history());
    if (host !== null) own(host.enforceAdmission());
    report('charter.in-force', { version: document.version, charter: id });
    const former = fold.history().of(self.keys.signing)?.former ?? null;
    if (former === null || members.has(self.keys.signing)) return;
    const help =
      former.reason === 'rotated'
        ? 'stop this node and start it again: it then speaks with its new key'
        : 'this node can read but no longer speak';
    report('member.key-superseded', { reason: former.reason, help });
  });
}
