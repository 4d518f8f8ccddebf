import { describe, expect, it } from 'vitest';
import { codecReport } from './codec-report.ts';

describe('codecReport', () => {
  it('says what is here and which codecs that gives', async () => {
    const report = await codecReport();
    expect(report).toMatchObject({ runtime: 'node', mediabunnyServer: true, sharp: expect.stringMatching(/^\d+\./) });
    expect(report.decode).toEqual(expect.arrayContaining(['avc', 'hevc', 'vp9', 'av1']));
    expect(report.encode).toEqual(['avc', 'hevc', 'vp8', 'vp9', 'av1']);
  });

  it('says what to install where nothing is here', async () => {
    const report = await codecReport({ loadServer: async () => false, findFfmpeg: async () => undefined });
    expect(report).toMatchObject({ mediabunnyServer: false, ffmpeg: undefined, decode: [], encode: [] });
    expect(report.advice.join('\n')).toContain('npm install @mediabunny/server');
    expect(report.advice.join('\n')).toContain('apt install ffmpeg');
  });
});
