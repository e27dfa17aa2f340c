export { drawLeaves } from './draw-leaves.ts';
