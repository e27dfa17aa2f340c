import { expect, test } from 'vitest';
import { metricsText } from '../../../services/gateway/metrics.ts';

test('the text format: help, type, samples; labels escaped; nothing without samples', () => {
  const text = metricsText([
    { name: 'oversight_a_total', help: 'Things.', type: 'counter', samples: [{ value: 3 }] },
    {
      name: 'oversight_b_bytes',
      help: 'Sizes.',
      type: 'gauge',
      samples: [
        { labels: { file: 'a"b\\c\nd', kind: 'x' }, value: 1.5 },
        { labels: { file: 'e' }, value: 0 },
      ],
    },
    { name: 'oversight_c', help: 'None.', type: 'gauge', samples: [] },
  ]);
  expect(text).toBe(
    [
      '# HELP oversight_a_total Things.',
      '# TYPE oversight_a_total counter',
      'oversight_a_total 3',
      '# HELP oversight_b_bytes Sizes.',
      '# TYPE oversight_b_bytes gauge',
      'oversight_b_bytes{file="a\\"b\\\\c\\nd",kind="x"} 1.5',
      'oversight_b_bytes{file="e"} 0',
      '',
    ].join('\n'),
  );
});
