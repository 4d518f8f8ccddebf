// The package's own tests of what training computes, in a page: gradients against the reference's, pooling, Adam.
import '../../../backend-simd/src/kernels/causal-conv3d-gradients.test.ts';
import '../../../backend-simd/src/kernels/group-norm-gradients.test.ts';
import '../../../backend-simd/src/kernels/optimizer.test.ts';
import '../../../backend-simd/src/kernels/pooling.test.ts';
import '../../../backend-simd/src/kernels/spatial-attention-gradient.test.ts';
