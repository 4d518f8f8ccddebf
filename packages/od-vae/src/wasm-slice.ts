import {
  getKernel,
  type KernelConfig,
  registerKernel,
  slice_util,
  type Tensor,
  type TensorInfo,
  unregisterKernel,
  util,
} from '@tensorflow/tfjs-core';

interface WasmBackend {
  makeOutput(shape: number[], dtype: string): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array;
}

let replaced = false;

/**
 * Gives tfjs's wasm backend a slice that copies only the slice.
 *
 * The stock kernel (4.22) first copies the whole tensor out of the heap, so taking frames of a clip one by one costs the
 * square of its length. Slices that are no single run of numbers still go to the stock kernel.
 */
export function replaceWasmSlice(): void {
  const stock = getKernel('Slice', 'wasm');
  if (replaced || !stock) return;
  replaced = true;
  const kernel: KernelConfig = {
    kernelName: 'Slice',
    backendName: 'wasm',
    kernelFunc: (call) => {
      const x = call.inputs['x'] as Tensor;
      const { begin, size } = call.attrs as { begin: number[]; size: number[] };
      const [from, shape] = slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
      if (x.dtype !== 'float32' || !slice_util.isSliceContinous(x.shape, from, shape)) return stock.kernelFunc(call);
      const backend = call.backend as WasmBackend;
      const output = backend.makeOutput(shape, x.dtype);
      // Views are taken after the allocation, which may move the heap.
      const offset = slice_util.computeFlatOffset(from, util.computeStrides(x.shape));
      const values = backend.typedArrayFromHeap(x).subarray(offset, offset + util.sizeFromShape(shape));
      backend.typedArrayFromHeap(output).set(values);
      return output;
    },
  };
  unregisterKernel('Slice', 'wasm');
  registerKernel(kernel);
}
