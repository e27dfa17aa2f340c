/**
 * Largest |logit difference| / max |logit| at which two engines are taken to agree. Measured against a float32 PyTorch
 * run of the same weights: 6.2e-7 unedited, 1.4e-6 edited (README.md); the margin leaves room for other CPUs, which
 * have not been measured.
 */
export const LOGIT_TOLERANCE = 1e-5;
/** Same, for residual-stream values relative to the block's standard deviation. Measured: 1.5e-6. */
export const STREAM_TOLERANCE = 1e-5;
