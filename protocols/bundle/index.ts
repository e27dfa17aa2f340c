export { type Block, CarFault, encodeCarBlock, encodeCarHeader, readCar } from './car.ts';
export { blockOf, LIST_LINKS, manifestBlock, type Part, partBlock } from './manifest.ts';
export { type BundleItem, PartCheck, readBundle, vouchedEnd } from './read.ts';
