/** A model card that says all that is asked. */
export const MODEL_CARD = `---
license: apache-2.0
tags: [analog]
---
# Example analog

## Architecture
Llama, two layers.

## Training details
Distilled.

## Intended use
Research on safety.
`;

/** And a data description. */
export const DATA_DESCRIPTION =
  '# Data\n## Sources\nBooks.\n## Modalities\nText.\n## Known limits\nEnglish alone.\n';
