import { messageOf } from '../../protocols/base/errors.ts';
import { isKind } from '../../protocols/kinds/index.ts';
import type { Chronicle } from './chronicle.ts';
import type { Content } from './content.ts';
import type { Face } from './face.ts';
import type { Home } from './home.ts';
import type { Reporter } from './report.ts';
import { StandingDesk } from './standing-desk.ts';
import { VerifierDesk } from './verifier-desk.ts';

/** The desk of this node while the charter in force, and its configuration, have it verify; closed with the caller. */
export function standDesk(
  home: Home,
  chronicle: Chronicle,
  content: Content,
  face: Face,
  report: Reporter,
): StandingDesk {
  const { config, self } = home;
  const isVerifier = () =>
    chronicle.fold.charter().members.get(self.keys.signing)?.roles.includes('verifier') ?? false;
  const desk = new StandingDesk(
    () => config.verifier.enabled && isVerifier(),
    () => openDesk(home, chronicle, content, face, report),
    (error) => report('verifier.not-opened', { detail: messageOf(error) }),
  );
  desk.follow();
  chronicle.onCharter(() => desk.follow());
  return desk;
}

function openDesk(
  home: Home,
  chronicle: Chronicle,
  content: Content,
  face: Face,
  report: Reporter,
): VerifierDesk {
  const { config, self, paths } = home;
  const { fold } = chronicle;
  return new VerifierDesk({
    self: self.keys.signing,
    history: () => fold.history(),
    config: config.verifier,
    docket: {
      judgements: () => fold.judgements(),
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
      hold: (...cids) => content.holds.hold(...cids),
    },
    evidenceDir: paths.evidence,
    publish: (body) => face.mustPublish('verdict/1', body),
    report: ({ finding, state, detail }) => report(`verifier.${state}`, { finding, detail }),
  });
}
