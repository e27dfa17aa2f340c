export {
  type AuthorityRefusal,
  authorize,
  type Charter,
  type CharterRefusal,
  readCharter,
} from './charter.ts';
