/**
 * What each operation does, as the manifest has to state it, word for word: sign, order and norm leave no room.
 * h is the activation at the point, W the linear map y = W x, [outputs, inputs], however its file stores it.
 */
export const FORMULAS = {
  add: 'h + coefficient * vector',
  ablate: 'h - (h . u) u, u = vector / |vector|',
  clamp: 'h - ((h - mean) . u) u, u = vector / |vector|',
  replace: 'value',
  saeAdd: 'h + strength * scale * decoder[feature]',
  saeClamp: 'h + (value - f(h)) * scale * decoder[feature]',
  lora: 'W + scale * B A',
  rankOne: 'W + coefficient * left right^T',
  orthogonalise: 'W - u u^T W, u = vector / |vector|',
  probe: 'h . weight + bias',
  saeFeature: 'f(h)',
  crosscoderFeature: 'relu(sum over models of (scale * h) . encoder[model, :, feature] + bias[feature])',
} as const;
