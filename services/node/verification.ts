import { isKind } from '../../protocols/kinds/index.ts';
import type { Chronicle } from './chronicle.ts';
import type { Content } from './content.ts';
import type { Face } from './face.ts';
import type { Home } from './home.ts';
import type { Reporter } from './report.ts';
import { VerifierDesk } from './verifier-desk.ts';

/** The desk of a member that verifies; null where the charter or the configuration does not have it verify. */
export function openDesk(
  home: Home,
  chronicle: Chronicle,
  content: Content,
  face: Face,
  report: Reporter,
): VerifierDesk | null {
  const { config, self, paths } = home;
  const { fold } = chronicle;
  const roles = fold.charter().members.get(self.keys.signing)?.roles ?? [];
  if (!config.verifier.enabled || !roles.includes('verifier')) return null;
  return new VerifierDesk({
    self: self.keys.signing,
    history: () => fold.history(),
    config: config.verifier,
    docket: {
      record: () => chronicle.record(),
      changed: chronicle.changed,
      finding: (id) => {
        const message = face.message(id);
        return message !== null && isKind(message, 'finding/1') ? message.body : null;
      },
      policy: (id) => {
        const message = face.message(id);
        const governing = message && fold.history().governing(message.author, message.sequence);
        return (governing?.charter ?? fold.charter()).document.policy.verification;
      },
    },
    shelf: {
      fetch: (cid, options) => content.fetch(cid, options),
      add: (directory, options) => content.addReference(directory, options),
    },
    evidenceDir: paths.evidence,
    publish: (body) => face.mustPublish('verdict/1', body),
    report: ({ finding, state, detail }) => report(`verifier.${state}`, { finding, detail }),
  });
}
