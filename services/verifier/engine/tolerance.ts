/**
 * Largest |logit difference| / max |logit| at which two engines are taken to agree. Measured against float32 PyTorch runs
 * of the same weights: 1.1e-6 over all families, 1.4e-6 edited (README.md); the margin leaves room for other CPUs, which
 * have not been measured.
 */
export const LOGIT_TOLERANCE = 1e-5;
/** Same, for residual-stream values relative to the block's standard deviation or largest value. Measured: 2.6e-6. */
export const STREAM_TOLERANCE = 1e-5;
