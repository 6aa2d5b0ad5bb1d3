export { PtrackCodec } from './ptrack.codec.js';
export { ptrackTag } from './ptrack-tag.js';
