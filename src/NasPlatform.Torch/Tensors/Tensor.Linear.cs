namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor matmul(Tensor target) => Native.nas_matmul(this, target);
        public Tensor mm(Tensor target) => Native.nas_mm(this, target);
        public Tensor mv(Tensor target) => Native.nas_mv(this, target);
        public Tensor bmm(Tensor batch2) => Native.nas_bmm(this, batch2);
        public Tensor dot(Tensor target) => Native.nas_dot(this, target);
        public Tensor outer(Tensor vec2) => Native.nas_outer(this, vec2);
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Native.nas_addmm(this, mat1, mat2, beta, alpha);
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Same(Native.nas_addmm_(this, mat1, mat2, beta, alpha));
        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) => Native.nas_addmv(this, mat, vec, beta, alpha);
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Native.nas_baddbmm(this, batch1, batch2, beta, alpha);
    }
}
