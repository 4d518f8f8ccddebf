export { maskedPsnr, type MaskedPsnr } from './masked-psnr.ts';
export type { Picture, PictureOptions } from './picture.ts';
export { psnr } from './psnr.ts';
export { ssim, SSIM_WINDOW } from './ssim.ts';
export { vcpr } from './vcpr.ts';
export { type FrameQuality, type QualityReport, VideoQuality } from './video-quality.ts';
