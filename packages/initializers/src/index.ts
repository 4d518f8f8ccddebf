export { imageName, inflateCheckpoint, type InflateOptions, type TargetParam } from './inflate-checkpoint.ts';
export {
  averageInflation,
  diracKernel,
  type Inflation,
  type InflationMethod,
  type KernelSize,
  randomInflation,
  tailInflation,
} from './inflation.ts';
