// The package's own tests of every fused kernel, in a page: against its reference, and the same bits from 1 to 3 threads.
import '../../../backend-simd/src/kernels/causal-conv3d.test.ts';
import '../../../backend-simd/src/kernels/elementwise.test.ts';
import '../../../backend-simd/src/kernels/group-norm.test.ts';
import '../../../backend-simd/src/kernels/spatial-attention.test.ts';
