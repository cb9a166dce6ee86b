// swift-format-ignore-file
// Written by Scripts/generate-onnx-schemas from what the package onnx declares.

extension OperatorSchemas {
  /// The sets of types that the table below speaks of by their number, one a line.
  static let typeSets = """
    CILScdfhils
    CILSbcdfhils
    dfh
    bdfh
    ILdfhil
    ILbdfhil
    l
    ?
    ?CILSbcdfhils
    123456?CILMNSbcdfhilmns
    CILS
    CILScils
    il
    ?CILScdfhils
    ?CILScdfhilst
    ?CILSbcdfhilst
    1234?CILSbcdfhilst
    1234?CILNSbcdfhilnst
    12346?CILNSbcdfhilnst
    123456?CILNSbcdfhilnst
    123456?CILMNSbcdfhilmnst
    bfh
    f
    [?[C[I[L[S[c[d[f[h[i[l[s[t
    1234?CILSbcdfhils
    1234?CILNSbcdfhilns
    12346?CILNSbcdfhilns
    123456?CILNSbcdfhilns
    Cc
    i
    ILdfil
    Cci
    1234Cci
    1234CNScins
    12346CNScins
    5bfh
    12346CMNScimns
    1234bdfh
    C
    ?il
    ?CILS[?[C[I[L[S[c[d[f[h[i[l[s[tbcdfhilst
    ?CILS[?[C[I[L[S[c[d[f[h[i[l[s[tbcdfhilst{?{C{I{L{S{[?{[C{[I{[L{[S{[c{[d{[f{[h{[i{[l{[s{[t{c{d{f{h{i{l{s{t
    1234?CILS[?[C[I[L[S[c[d[f[h[i[l[s[tbcdfhilst{?{C{I{L{S{[?{[C{[I{[L{[S{[c{[d{[f{[h{[i{[l{[s{[t{c{d{f{h{i{l{s{t
    1234?CILNS[?[C[I[L[S[c[d[f[h[i[l[s[tbcdfhilnst{?{C{I{L{S{[?{[C{[I{[L{[S{[c{[d{[f{[h{[i{[l{[s{[t{c{d{f{h{i{l{s{t
    12346?CILNS[?[C[I[L[S[c[d[f[h[i[l[s[tbcdfhilnst{?{C{I{L{S{[?{[C{[I{[L{[S{[c{[d{[f{[h{[i{[l{[s{[t{c{d{f{h{i{l{s{t
    123456?CILNS[?[C[I[L[S[c[d[f[h[i[l[s[tbcdfhilnst{?{C{I{L{S{[?{[C{[I{[L{[S{[c{[d{[f{[h{[i{[l{[s{[t{c{d{f{h{i{l{s{t
    123456?CILMNS[?[C[I[L[S[c[d[f[h[i[l[s[tbcdfhilmnst{?{C{I{L{S{[?{[C{[I{[L{[S{[c{[d{[f{[h{[i{[l{[s{[t{c{d{f{h{i{l{s{t
    ?CILS[?[C[I[L[S[c[d[f[h[i[l[s[tcdfhilst
    ?CILS[?[C[I[L[S[b[c[d[f[h[i[l[s[tbcdfhilst{?{C{I{L{S{[?{[C{[I{[L{[S{[b{[c{[d{[f{[h{[i{[l{[s{[t{b{c{d{f{h{i{l{s{t
    1234?CILS[1[2[3[4[?[C[I[L[S[b[c[d[f[h[i[l[s[tbcdfhilst{1{2{3{4{?{C{I{L{S{[?{[C{[I{[L{[S{[b{[c{[d{[f{[h{[i{[l{[s{[t{b{c{d{f{h{i{l{s{t
    1234?CILNS[1[2[3[4[?[C[I[L[N[S[b[c[d[f[h[i[l[n[s[tbcdfhilnst{1{2{3{4{?{C{I{L{N{S{[?{[C{[I{[L{[S{[b{[c{[d{[f{[h{[i{[l{[s{[t{b{c{d{f{h{i{l{n{s{t
    12346?CILNS[1[2[3[4[6[?[C[I[L[N[S[b[c[d[f[h[i[l[n[s[tbcdfhilnst{1{2{3{4{6{?{C{I{L{N{S{[?{[C{[I{[L{[S{[b{[c{[d{[f{[h{[i{[l{[s{[t{b{c{d{f{h{i{l{n{s{t
    123456?CILNS[1[2[3[4[5[6[?[C[I[L[N[S[b[c[d[f[h[i[l[n[s[tbcdfhilnst{1{2{3{4{5{6{?{C{I{L{N{S{[?{[C{[I{[L{[S{[b{[c{[d{[f{[h{[i{[l{[s{[t{b{c{d{f{h{i{l{n{s{t
    123456?CILMNS[1[2[3[4[5[6[?[C[I[L[M[N[S[b[c[d[f[h[i[l[m[n[s[tbcdfhilmnst{1{2{3{4{5{6{?{C{I{L{M{N{S{[?{[C{[I{[L{[S{[b{[c{[d{[f{[h{[i{[l{[s{[t{b{c{d{f{h{i{l{m{n{s{t
    df
    bf
    Ccdfh
    Cbcdfh
    cdfhils
    bcdfhils
    {?{C{I{L{S{[?{[C{[I{[L{[S{[c{[d{[f{[h{[i{[l{[s{[t{c{d{f{h{i{l{s{t
    123456?CILMNS[1[2[3[4[5[6[?[C[I[L[M[N[S[b[c[d[f[h[i[l[m[n[s[tbcdfhilmnst
    {1{2{3{4{5{6{?{C{I{L{M{N{S{[1{[2{[3{[4{[5{[6{[?{[C{[I{[L{[M{[N{[S{[b{[c{[d{[f{[h{[i{[l{[m{[n{[s{[t{b{c{d{f{h{i{l{m{n{s{t
    ?CILS[?[C[I[L[S[c[d[f[h[i[l[s[tcdfhilst{?{C{I{L{S{[?{[C{[I{[L{[S{[c{[d{[f{[h{[i{[l{[s{[t{c{d{f{h{i{l{s{t
    123456?CILMNS[1[2[3[4[5[6[?[C[I[L[M[N[S[b[c[d[f[h[i[l[m[n[s[tbcdfhilmnst{1{2{3{4{5{6{?{C{I{L{M{N{S{[1{[2{[3{[4{[5{[6{[?{[C{[I{[L{[M{[N{[S{[b{[c{[d{[f{[h{[i{[l{[m{[n{[s{[t{b{c{d{f{h{i{l{m{n{s{t
    dfhil
    bdfhil
    1234Cc
    fi
    bfhi
    1234CNScns
    12346CNScns
    5bfhi
    12346CMNScmns
    dfils
    bdfhils
    CILcdfhil
    CILbcdfhil
    ?CILbcdfhil
    t
    [?[C[I[L[S[b[c[d[f[h[i[l[s[t
    ilt
    dfilt
    dfil
    @
    flt
    lt
    dflt
    dfilst
    """

  /// Every form of every operator: name, first operator set, inputs, outputs, types and attributes; "-" where it ends.
  static let table = """
    Abs|6|T|T|T:0|
    Abs|13|T|T|T:1|
    Acos|7|T|T|T:2|
    Acos|22|T|T|T:3|
    Acosh|9|T|T|T:2|
    Acosh|22|T|T|T:3|
    Add|7|T T|T|T:4|
    Add|13|T T|T|T:5|
    Add|14|T T|T|T:1|
    AffineGrid|20|T1 T2|T1|T1:3 T2:6|align_corners:i
    And|7|T T|T1|T:7 T1:7|
    ArgMax|1|T|=l|T:0|axis:i keepdims:i
    ArgMax|11|T|=l|T:0|axis:i keepdims:i
    ArgMax|12|T|=l|T:0|axis:i keepdims:i select_last_index:i
    ArgMax|13|T|=l|T:1|axis:i keepdims:i select_last_index:i
    ArgMin|1|T|=l|T:0|axis:i keepdims:i
    ArgMin|11|T|=l|T:0|axis:i keepdims:i
    ArgMin|12|T|=l|T:0|axis:i keepdims:i select_last_index:i
    ArgMin|13|T|=l|T:1|axis:i keepdims:i select_last_index:i
    Asin|7|T|T|T:2|
    Asin|22|T|T|T:3|
    Asinh|9|T|T|T:2|
    Asinh|22|T|T|T:3|
    Atan|7|T|T|T:2|
    Atan|22|T|T|T:3|
    Atanh|9|T|T|T:2|
    Atanh|22|T|T|T:3|
    Attention|23|T1 T1 T2 U? T1? T2?|T1 T1? T2? T1?|T1:3 T2:3 U:8|is_causal:i kv_num_heads:i q_num_heads:i qk_matmul_output_mode:i scale:f softcap:f softmax_precision:i
    Attention|24|T1 T1 T2 U? T1? T2? =l?|T1 T1? T2? T1?|T1:3 T2:3 U:8|is_causal:i kv_num_heads:i q_num_heads:i qk_matmul_output_mode:i scale:f softcap:f softmax_precision:i
    Attention|25|T1 T1 T2 U? T1? T2? =l?|T1 T1? T2? T1?|T1:3 T2:3 U:8|is_causal:i kv_num_heads:i left_window_size:i q_num_heads:i qk_matmul_output_mode:i right_window_size:i scale:f softcap:f softmax_precision:i
    AveragePool|7|T|T|T:2|auto_pad:s count_include_pad:i kernel_shape!:I pads:I strides:I
    AveragePool|10|T|T|T:2|auto_pad:s ceil_mode:i count_include_pad:i kernel_shape!:I pads:I strides:I
    AveragePool|11|T|T|T:2|auto_pad:s ceil_mode:i count_include_pad:i kernel_shape!:I pads:I strides:I
    AveragePool|19|T|T|T:2|auto_pad:s ceil_mode:i count_include_pad:i dilations:I kernel_shape!:I pads:I strides:I
    AveragePool|22|T|T|T:3|auto_pad:s ceil_mode:i count_include_pad:i dilations:I kernel_shape!:I pads:I strides:I
    BatchNormalization|7|T T T T T|T T? T? T? T?|T:2|epsilon:f momentum:f spatial:i
    BatchNormalization|9|T T T T T|T T? T? T? T?|T:2|epsilon:f momentum:f
    BatchNormalization|14|T T T U U|T U? U?|T:3 U:3|epsilon:f momentum:f training_mode:i
    BatchNormalization|15|T T1 T1 T2 T2|T T2? T2?|T:3 T1:3 T2:3|epsilon:f momentum:f training_mode:i
    Bernoulli|15|T1|T2|T1:2 T2:8|dtype:i seed:f
    Bernoulli|22|T1|T2|T1:3 T2:8|dtype:i seed:f
    BitCast|26|T1|T2|T1:9 T2:9|to!:i
    BitShift|11|T T|T|T:10|direction!:s
    BitShift|28|T T|T|T:11|direction!:s
    BitwiseAnd|18|T T|T|T:11|
    BitwiseNot|18|T|T|T:11|
    BitwiseOr|18|T T|T|T:11|
    BitwiseXor|18|T T|T|T:11|
    BlackmanWindow|17|T1|T2|T1:12 T2:1|output_datatype:i periodic:i
    Cast|6|T1|T2|T1:13 T2:13|to!:i
    Cast|9|T1|T2|T1:14 T2:14|to!:i
    Cast|13|T1|T2|T1:15 T2:15|to!:i
    Cast|19|T1|T2|T1:16 T2:16|saturate:i to!:i
    Cast|21|T1|T2|T1:17 T2:17|saturate:i to!:i
    Cast|23|T1|T2|T1:18 T2:18|saturate:i to!:i
    Cast|24|T1|T2|T1:19 T2:19|round_mode:s saturate:i to!:i
    Cast|25|T1|T2|T1:20 T2:20|round_mode:s saturate:i to!:i
    Cast|28|T1|T2|T1:20 T2:20|round_mode:s saturate:i to!:i
    CastLike|15|T1 T2|T2|T1:15 T2:15|
    CastLike|19|T1 T2|T2|T1:16 T2:16|saturate:i
    CastLike|21|T1 T2|T2|T1:17 T2:17|saturate:i
    CastLike|23|T1 T2|T2|T1:18 T2:18|saturate:i
    CastLike|24|T1 T2|T2|T1:19 T2:19|round_mode:s saturate:i
    CastLike|25|T1 T2|T2|T1:20 T2:20|round_mode:s saturate:i
    CausalConvWithState|27|T T T? T?|T T|T:21|activation:s
    Ceil|6|T|T|T:2|
    Ceil|13|T|T|T:3|
    Celu|12|T|T|T:22|alpha:f
    Celu|28|T|T|T:3|alpha:f
    CenterCropPad|18|T Tind|T|T:15 Tind:12|axes:I
    Clip|6|T|T|T:2|max:f min:f
    Clip|11|T T? T?|T|T:2|
    Clip|12|T T? T?|T|T:0|
    Clip|13|T T? T?|T|T:1|
    Col2Im|18|T =l =l|T|T:15|dilations:I pads:I strides:I
    Compress|9|T T1|T|T:14 T1:7|axis:i
    Compress|11|T T1|T|T:14 T1:7|axis:i
    Compress|28|T T1|T|T:15 T1:7|axis:i
    Concat|4|T*1|T|T:14|axis!:i
    Concat|11|T*1|T|T:14|axis!:i
    Concat|13|T*1|T|T:15|axis!:i
    ConcatFromSequence|11|S|T|S:23 T:14|axis!:i new_axis:i
    Constant|1||T|T:2|value!:t
    Constant|9||T|T:14|value!:t
    Constant|11||T|T:14|sparse_value:t value:t
    Constant|12||T|T:14|sparse_value:t value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S
    Constant|13||T|T:15|sparse_value:t value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S
    Constant|19||T|T:16|sparse_value:t value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S
    Constant|21||T|T:17|sparse_value:t value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S
    Constant|23||T|T:18|sparse_value:t value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S
    Constant|24||T|T:19|sparse_value:t value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S
    Constant|25||T|T:20|sparse_value:t value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S
    ConstantOfShape|9|T1|T2|T1:6 T2:13|value:t
    ConstantOfShape|20|T1|T2|T1:6 T2:24|value:t
    ConstantOfShape|21|T1|T2|T1:6 T2:25|value:t
    ConstantOfShape|23|T1|T2|T1:6 T2:26|value:t
    ConstantOfShape|24|T1|T2|T1:6 T2:27|value:t
    ConstantOfShape|25|T1|T2|T1:6 T2:9|value:t
    Conv|1|T T T?|T|T:2|auto_pad:s dilations:I group:i kernel_shape:I pads:I strides:I
    Conv|11|T T T?|T|T:2|auto_pad:s dilations:I group:i kernel_shape:I pads:I strides:I
    Conv|22|T T T?|T|T:3|auto_pad:s dilations:I group:i kernel_shape:I pads:I strides:I
    ConvInteger|10|T1 T2 T1? T2?|T3|T1:28 T2:28 T3:29|auto_pad:s dilations:I group:i kernel_shape:I pads:I strides:I
    ConvTranspose|1|T T T?|T|T:2|auto_pad:s dilations:I group:i kernel_shape:I output_padding:I output_shape:I pads:I strides:I
    ConvTranspose|11|T T T?|T|T:2|auto_pad:s dilations:I group:i kernel_shape:I output_padding:I output_shape:I pads:I strides:I
    ConvTranspose|22|T T T?|T|T:3|auto_pad:s dilations:I group:i kernel_shape:I output_padding:I output_shape:I pads:I strides:I
    Cos|7|T|T|T:2|
    Cos|22|T|T|T:3|
    Cosh|9|T|T|T:2|
    Cosh|22|T|T|T:3|
    CumProd|26|T T2|T|T:5 T2:12|exclusive:i reverse:i
    CumSum|11|T T2|T|T:30 T2:12|exclusive:i reverse:i
    CumSum|14|T T2|T|T:5 T2:12|exclusive:i reverse:i
    DFT|17|T1 T2?|T1|T1:3 T2:12|axis:i inverse:i onesided:i
    DFT|20|T1 T2? =l?|T1|T1:3 T2:12|inverse:i onesided:i
    DeformConv|19|T T T T? T?|T|T:2|dilations:I group:i kernel_shape:I offset_group:i pads:I strides:I
    DeformConv|22|T T T T? T?|T|T:3|dilations:I group:i kernel_shape:I offset_group:i pads:I strides:I
    DepthToSpace|1|T|T|T:14|blocksize!:i
    DepthToSpace|11|T|T|T:14|blocksize!:i mode:s
    DepthToSpace|13|T|T|T:15|blocksize!:i mode:s
    DepthToSpace|28|T|T|T:15|blocksize!:i mode:s
    DequantizeLinear|10|T =f T?|=f|T:31|
    DequantizeLinear|13|T =f T?|=f|T:31|axis:i
    DequantizeLinear|19|T1 T2 T1?|T2|T1:32 T2:21|axis:i
    DequantizeLinear|21|T1 T2 T1?|T2|T1:33 T2:21|axis:i block_size:i
    DequantizeLinear|23|T1 T2 T1?|T3|T1:34 T2:21 T3:21|axis:i block_size:i output_dtype:i
    DequantizeLinear|24|T1 T2 T1?|T3|T1:34 T2:35 T3:21|axis:i block_size:i output_dtype:i
    DequantizeLinear|25|T1 T2 T1?|T3|T1:36 T2:35 T3:21|axis:i block_size:i output_dtype:i
    DequantizeLinear|28|T1 T2 T1?|T3|T1:36 T2:35 T3:21|axis:i block_size:i output_dtype:i
    Det|11|T|T|T:2|
    Det|22|T|T|T:3|
    Div|7|T T|T|T:4|
    Div|13|T T|T|T:5|
    Div|14|T T|T|T:1|
    Dropout|7|T|T T?|T:2|ratio:f
    Dropout|10|T|T T1?|T:2 T1:7|ratio:f
    Dropout|12|T T1? T2?|T T2?|T:2 T1:2 T2:7|seed:i
    Dropout|13|T T1? T2?|T T2?|T:3 T1:2 T2:7|seed:i
    Dropout|22|T T1? T2?|T T2?|T:37 T1:37 T2:7|seed:i
    DynamicQuantizeLinear|11|T1|T2 =f T2|T1:22 T2:38|
    Einsum|12|T*1|T|T:0|equation!:s
    Einsum|28|T*1|T|T:1|equation!:s
    Elu|6|T|T|T:2|alpha:f
    Elu|22|T|T|T:3|alpha:f
    Equal|7|T T|T1|T:39 T1:7|
    Equal|11|T T|T1|T:13 T1:7|
    Equal|13|T T|T1|T:8 T1:7|
    Equal|19|T T|T1|T:15 T1:7|
    Erf|9|T|T|T:0|
    Erf|13|T|T|T:3|
    Exp|6|T|T|T:2|
    Exp|13|T|T|T:3|
    Expand|8|T =l|T|T:14|
    Expand|13|T =l|T|T:15|
    EyeLike|9|T1|T2|T1:13 T2:13|dtype:i k:i
    EyeLike|22|T1|T2|T1:8 T2:8|dtype:i k:i
    Flatten|1|T|T|T:2|axis:i
    Flatten|9|T|T|T:14|axis:i
    Flatten|11|T|T|T:14|axis:i
    Flatten|13|T|T|T:15|axis:i
    Flatten|21|T|T|T:17|axis:i
    Flatten|23|T|T|T:18|axis:i
    Flatten|24|T|T|T:19|axis:i
    Flatten|25|T|T|T:20|axis:i
    Floor|6|T|T|T:2|
    Floor|13|T|T|T:3|
    GRU|7|T T T T? T1? T?|T? T?|T:2 T1:29|activation_alpha:F activation_beta:F activations:S clip:f direction:s hidden_size:i linear_before_reset:i
    GRU|14|T T T T? T1? T?|T? T?|T:2 T1:29|activation_alpha:F activation_beta:F activations:S clip:f direction:s hidden_size:i layout:i linear_before_reset:i
    GRU|22|T T T T? T1? T?|T? T?|T:3 T1:29|activation_alpha:F activation_beta:F activations:S clip:f direction:s hidden_size:i layout:i linear_before_reset:i
    Gather|1|T Tind|T|T:14 Tind:12|axis:i
    Gather|11|T Tind|T|T:14 Tind:12|axis:i
    Gather|13|T Tind|T|T:15 Tind:12|axis:i
    GatherElements|11|T Tind|T|T:14 Tind:12|axis:i
    GatherElements|13|T Tind|T|T:15 Tind:12|axis:i
    GatherND|11|T =l|T|T:14|
    GatherND|12|T =l|T|T:14|batch_dims:i
    GatherND|13|T =l|T|T:15|batch_dims:i
    Gelu|20|T|T|T:3|approximate:s
    Gemm|7|T T T|T|T:2|alpha:f beta:f transA:i transB:i
    Gemm|9|T T T|T|T:4|alpha:f beta:f transA:i transB:i
    Gemm|11|T T T?|T|T:4|alpha:f beta:f transA:i transB:i
    Gemm|13|T T T?|T|T:5|alpha:f beta:f transA:i transB:i
    GlobalAveragePool|1|T|T|T:2|
    GlobalAveragePool|22|T|T|T:3|
    GlobalLpPool|2|T|T|T:2|p:i
    GlobalLpPool|22|T|T|T:3|p:i
    GlobalMaxPool|1|T|T|T:2|
    GlobalMaxPool|22|T|T|T:3|
    Greater|7|T T|T1|T:2 T1:7|
    Greater|9|T T|T1|T:0 T1:7|
    Greater|13|T T|T1|T:1 T1:7|
    GreaterOrEqual|12|T T|T1|T:0 T1:7|
    GreaterOrEqual|16|T T|T1|T:1 T1:7|
    GridSample|16|T1 T2|T1|T1:14 T2:2|align_corners:i mode:s padding_mode:s
    GridSample|20|T1 T2|T1|T1:14 T2:2|align_corners:i mode:s padding_mode:s
    GridSample|22|T1 T2|T1|T1:15 T2:3|align_corners:i mode:s padding_mode:s
    GroupNormalization|18|T T T|T|T:3|epsilon:f num_groups!:i
    GroupNormalization|21|T T T|T|T:3|epsilon:f num_groups!:i stash_type:i
    HammingWindow|17|T1|T2|T1:12 T2:1|output_datatype:i periodic:i
    HannWindow|17|T1|T2|T1:12 T2:1|output_datatype:i periodic:i
    HardSigmoid|6|T|T|T:2|alpha:f beta:f
    HardSigmoid|22|T|T|T:3|alpha:f beta:f
    HardSwish|14|T|T|T:2|
    HardSwish|22|T|T|T:3|
    Hardmax|1|T|T|T:2|axis:i
    Hardmax|11|T|T|T:2|axis:i
    Hardmax|13|T|T|T:3|axis:i
    Identity|1|T|T|T:14|
    Identity|13|T|T|T:15|
    Identity|14|V|V|V:40|
    Identity|16|V|V|V:41|
    Identity|19|V|V|V:42|
    Identity|21|V|V|V:43|
    Identity|23|V|V|V:44|
    Identity|24|V|V|V:45|
    Identity|25|V|V|V:46|
    If|1|B|V*~1|V:14 B:7|else_branch!:g then_branch!:g
    If|11|B|V*~1|V:14 B:7|else_branch!:g then_branch!:g
    If|13|B|V*~1|V:47 B:7|else_branch!:g then_branch!:g
    If|16|B|V*~1|V:48 B:7|else_branch!:g then_branch!:g
    If|19|B|V*~1|V:49 B:7|else_branch!:g then_branch!:g
    If|21|B|V*~1|V:50 B:7|else_branch!:g then_branch!:g
    If|23|B|V*~1|V:51 B:7|else_branch!:g then_branch!:g
    If|24|B|V*~1|V:52 B:7|else_branch!:g then_branch!:g
    If|25|B|V*~1|V:53 B:7|else_branch!:g then_branch!:g
    ImageDecoder|20|T1|T2|T1:38 T2:38|pixel_format:s
    InstanceNormalization|6|T T T|T|T:2|epsilon:f
    InstanceNormalization|22|T T T|T|T:3|epsilon:f
    IsInf|10|T1|T2|T1:54 T2:7|detect_negative:i detect_positive:i
    IsInf|20|T1|T2|T1:37 T2:7|detect_negative:i detect_positive:i
    IsNaN|9|T1|T2|T1:2 T2:7|
    IsNaN|13|T1|T2|T1:3 T2:7|
    IsNaN|20|T1|T2|T1:37 T2:7|
    LRN|1|T|T|T:2|alpha:f beta:f bias:f size!:i
    LRN|13|T|T|T:3|alpha:f beta:f bias:f size!:i
    LSTM|7|T T T T? T1? T? T? T?|T? T? T?|T:2 T1:29|activation_alpha:F activation_beta:F activations:S clip:f direction:s hidden_size:i input_forget:i
    LSTM|14|T T T T? T1? T? T? T?|T? T? T?|T:2 T1:29|activation_alpha:F activation_beta:F activations:S clip:f direction:s hidden_size:i input_forget:i layout:i
    LSTM|22|T T T T? T1? T? T? T?|T? T? T?|T:3 T1:29|activation_alpha:F activation_beta:F activations:S clip:f direction:s hidden_size:i input_forget:i layout:i
    LayerNormalization|17|T T T?|T U? U?|T:3 U:55|axis:i epsilon:f stash_type:i
    LeakyRelu|6|T|T|T:2|alpha:f
    LeakyRelu|16|T|T|T:3|alpha:f
    Less|7|T T|T1|T:2 T1:7|
    Less|9|T T|T1|T:0 T1:7|
    Less|13|T T|T1|T:1 T1:7|
    LessOrEqual|12|T T|T1|T:0 T1:7|
    LessOrEqual|16|T T|T1|T:1 T1:7|
    LinearAttention|27|T T T S? T? T?|T S|T:21 S:21|chunk_size:i kv_num_heads!:i q_num_heads!:i scale:f update_rule:s
    Log|6|T|T|T:2|
    Log|13|T|T|T:3|
    LogSoftmax|1|T|T|T:2|axis:i
    LogSoftmax|11|T|T|T:2|axis:i
    LogSoftmax|13|T|T|T:3|axis:i
    Loop|1|I? B? V*~1|V*~1|V:14 I:6 B:7|body!:g
    Loop|11|I? B? V*~0|V*~1|V:14 I:6 B:7|body!:g
    Loop|13|I? B? V*~0|V*~1|V:47 I:6 B:7|body!:g
    Loop|16|I? B? V*~0|V*~1|V:48 I:6 B:7|body!:g
    Loop|19|I? B? V*~0|V*~1|V:49 I:6 B:7|body!:g
    Loop|21|I? B? V*~0|V*~1|V:50 I:6 B:7|body!:g
    Loop|23|I? B? V*~0|V*~1|V:51 I:6 B:7|body!:g
    Loop|24|I? B? V*~0|V*~1|V:52 I:6 B:7|body!:g
    Loop|25|I? B? V*~0|V*~1|V:53 I:6 B:7|body!:g
    LpNormalization|1|T|T|T:2|axis:i p:i
    LpNormalization|22|T|T|T:3|axis:i p:i
    LpPool|2|T|T|T:2|auto_pad:s kernel_shape!:I p:i pads:I strides:I
    LpPool|11|T|T|T:2|auto_pad:s kernel_shape!:I p:i pads:I strides:I
    LpPool|18|T|T|T:2|auto_pad:s ceil_mode:i dilations:I kernel_shape!:I p:i pads:I strides:I
    LpPool|22|T|T|T:3|auto_pad:s ceil_mode:i dilations:I kernel_shape!:I p:i pads:I strides:I
    MatMul|1|T T|T|T:2|
    MatMul|9|T T|T|T:4|
    MatMul|13|T T|T|T:5|
    MatMulInteger|10|T1 T2 T1? T2?|T3|T1:28 T2:28 T3:29|
    Max|6|T*1|T|T:2|
    Max|8|T*1|T|T:2|
    Max|12|T*1|T|T:0|
    Max|13|T*1|T|T:1|
    MaxPool|1|T|T|T:2|auto_pad:s kernel_shape!:I pads:I strides:I
    MaxPool|8|T|T I?|T:2 I:6|auto_pad:s kernel_shape!:I pads:I storage_order:i strides:I
    MaxPool|10|T|T I?|T:2 I:6|auto_pad:s ceil_mode:i dilations:I kernel_shape!:I pads:I storage_order:i strides:I
    MaxPool|11|T|T I?|T:2 I:6|auto_pad:s ceil_mode:i dilations:I kernel_shape!:I pads:I storage_order:i strides:I
    MaxPool|12|T|T I?|T:56 I:6|auto_pad:s ceil_mode:i dilations:I kernel_shape!:I pads:I storage_order:i strides:I
    MaxPool|22|T|T I?|T:57 I:6|auto_pad:s ceil_mode:i dilations:I kernel_shape!:I pads:I storage_order:i strides:I
    MaxRoiPool|1|T T|T|T:2|pooled_shape!:I spatial_scale:f
    MaxRoiPool|22|T T|T|T:3|pooled_shape!:I spatial_scale:f
    MaxUnpool|9|T1 T2 T2?|T1|T1:2 T2:6|kernel_shape!:I pads:I strides:I
    MaxUnpool|11|T1 T2 T2?|T1|T1:2 T2:6|kernel_shape!:I pads:I strides:I
    MaxUnpool|22|T1 T2 T2?|T1|T1:3 T2:6|kernel_shape!:I pads:I strides:I
    Mean|6|T*1|T|T:2|
    Mean|8|T*1|T|T:2|
    Mean|13|T*1|T|T:3|
    MeanVarianceNormalization|9|T|T|T:2|axes:I
    MeanVarianceNormalization|13|T|T|T:3|axes:I
    MelWeightMatrix|17|T1 T1 T1 T2 T2|T3|T1:12 T2:3 T3:1|output_datatype:i
    Min|6|T*1|T|T:2|
    Min|8|T*1|T|T:2|
    Min|12|T*1|T|T:0|
    Min|13|T*1|T|T:1|
    Mish|18|T|T|T:2|
    Mish|22|T|T|T:3|
    Mod|10|T T|T|T:0|fmod:i
    Mod|13|T T|T|T:1|fmod:i
    Mod|28|T T|T|T:1|fmod:i
    Mul|7|T T|T|T:4|
    Mul|13|T T|T|T:5|
    Mul|14|T T|T|T:1|
    Multinomial|7|T1|T2|T1:2 T2:12|dtype:i sample_size:i seed:f
    Multinomial|22|T1|T2|T1:3 T2:12|dtype:i sample_size:i seed:f
    Neg|6|T|T|T:58|
    Neg|13|T|T|T:59|
    NegativeLogLikelihoodLoss|12|T Tind T?|T|T:2 Tind:12|ignore_index:i reduction:s
    NegativeLogLikelihoodLoss|13|T Tind T?|T|T:2 Tind:12|ignore_index:i reduction:s
    NegativeLogLikelihoodLoss|22|T Tind T?|T|T:3 Tind:12|ignore_index:i reduction:s
    NonMaxSuppression|10|=f =f =l? =f? =f?|=l||center_point_box:i
    NonMaxSuppression|11|=f =f =l? =f? =f?|=l||center_point_box:i
    NonZero|9|T|=l|T:14|
    NonZero|13|T|=l|T:15|
    Not|1|T|T|T:7|
    OneHot|9|T1 T2 T3|T3|T1:0 T2:0 T3:14|axis:i
    OneHot|11|T1 T2 T3|T3|T1:0 T2:0 T3:14|axis:i
    OneHot|28|T1 T2 T3|T3|T1:0 T2:0 T3:15|axis:i
    Optional|15|V?|O|V:47 O:60|type:y
    Optional|28|V?|O|V:61 O:62|type:y
    OptionalGetElement|15|O|V|O:60 V:47|
    OptionalGetElement|18|O|V|O:63 V:47|
    OptionalGetElement|28|O|V|O:64 V:61|
    OptionalHasElement|15|O|B|O:60 B:7|
    OptionalHasElement|18|O?|B|O:63 B:7|
    OptionalHasElement|28|O?|B|O:64 B:7|
    Or|7|T T|T1|T:7 T1:7|
    PRelu|7|T T|T|T:2|
    PRelu|9|T T|T|T:4|
    PRelu|16|T T|T|T:5|
    Pad|2|T|T|T:2|mode:s pads!:I value:f
    Pad|11|T =l T?|T|T:0|mode:s
    Pad|13|T =l T?|T|T:15|mode:s
    Pad|18|T =l T? Tind?|T|T:15 Tind:12|mode:s
    Pad|19|T =l T? Tind?|T|T:15 Tind:12|mode:s
    Pad|21|T =l T? Tind?|T|T:17 Tind:12|mode:s
    Pad|23|T =l T? Tind?|T|T:18 Tind:12|mode:s
    Pad|24|T =l T? Tind?|T|T:19 Tind:12|mode:s
    Pad|25|T =l T? Tind?|T|T:20 Tind:12|mode:s
    Pow|7|T T|T|T:2|
    Pow|12|T T1|T|T:65 T1:0|
    Pow|13|T T1|T|T:66 T1:0|
    Pow|15|T T1|T|T:66 T1:1|
    QLinearConv|10|T1 =f T1 T2 =f T2 =f T3 T4?|T3|T1:28 T2:28 T3:28 T4:29|auto_pad:s dilations:I group:i kernel_shape:I pads:I strides:I
    QLinearMatMul|10|T1 =f T1 T2 =f T2 =f T3|T3|T1:28 T2:28 T3:28|
    QLinearMatMul|21|T1 TS T1 T2 TS T2 TS T3|T3|TS:21 T1:67 T2:67 T3:67|
    QuantizeLinear|10|T1 =f T2?|T2|T1:68 T2:28|
    QuantizeLinear|13|T1 =f T2?|T2|T1:68 T2:28|axis:i
    QuantizeLinear|19|T1 T1 T2?|T2|T1:69 T2:67|axis:i saturate:i
    QuantizeLinear|21|T1 T1 T2?|T2|T1:69 T2:70|axis:i block_size:i output_dtype:i saturate:i
    QuantizeLinear|23|T1 T2 T3?|T3|T1:69 T2:69 T3:71|axis:i block_size:i output_dtype:i precision:i saturate:i
    QuantizeLinear|24|T1 T2 T3?|T3|T1:69 T2:72 T3:71|axis:i block_size:i output_dtype:i precision:i saturate:i
    QuantizeLinear|25|T1 T2 T3?|T3|T1:69 T2:72 T3:73|axis:i block_size:i output_dtype:i precision:i saturate:i
    QuantizeLinear|28|T1 T2 T3?|T3|T1:69 T2:72 T3:73|axis:i block_size:i output_dtype:i precision:i saturate:i
    RMSNormalization|23|T V|V|T:3 V:3|axis:i epsilon:f stash_type:i
    RNN|7|T T T T? T1? T?|T? T?|T:2 T1:29|activation_alpha:F activation_beta:F activations:S clip:f direction:s hidden_size:i
    RNN|14|T T T T? T1? T?|T? T?|T:2 T1:29|activation_alpha:F activation_beta:F activations:S clip:f direction:s hidden_size:i layout:i
    RNN|22|T T T T? T1? T?|T? T?|T:3 T1:29|activation_alpha:F activation_beta:F activations:S clip:f direction:s hidden_size:i layout:i
    RandomNormal|1||T|T:2|dtype:i mean:f scale:f seed:f shape!:I
    RandomNormal|22||T|T:3|dtype:i mean:f scale:f seed:f shape!:I
    RandomNormalLike|1|T1|T2|T1:14 T2:2|dtype:i mean:f scale:f seed:f
    RandomNormalLike|22|T1|T2|T1:15 T2:3|dtype:i mean:f scale:f seed:f
    RandomUniform|1||T|T:2|dtype:i high:f low:f seed:f shape!:I
    RandomUniform|22||T|T:3|dtype:i high:f low:f seed:f shape!:I
    RandomUniformLike|1|T1|T2|T1:14 T2:2|dtype:i high:f low:f seed:f
    RandomUniformLike|22|T1|T2|T1:15 T2:3|dtype:i high:f low:f seed:f
    Range|11|T T T|T|T:74|
    Range|27|T T T|T|T:75|stash_type:i
    Reciprocal|6|T|T|T:2|
    Reciprocal|13|T|T|T:3|
    ReduceL1|1|T|T|T:4|axes:I keepdims:i
    ReduceL1|11|T|T|T:4|axes:I keepdims:i
    ReduceL1|13|T|T|T:5|axes:I keepdims:i
    ReduceL1|18|T =l?|T|T:5|keepdims:i noop_with_empty_axes:i
    ReduceL2|1|T|T|T:4|axes:I keepdims:i
    ReduceL2|11|T|T|T:4|axes:I keepdims:i
    ReduceL2|13|T|T|T:5|axes:I keepdims:i
    ReduceL2|18|T =l?|T|T:5|keepdims:i noop_with_empty_axes:i
    ReduceLogSum|1|T|T|T:4|axes:I keepdims:i
    ReduceLogSum|11|T|T|T:4|axes:I keepdims:i
    ReduceLogSum|13|T|T|T:5|axes:I keepdims:i
    ReduceLogSum|18|T =l?|T|T:5|keepdims:i noop_with_empty_axes:i
    ReduceLogSum|28|T =l?|T|T:3|keepdims:i noop_with_empty_axes:i
    ReduceLogSumExp|1|T|T|T:4|axes:I keepdims:i
    ReduceLogSumExp|11|T|T|T:4|axes:I keepdims:i
    ReduceLogSumExp|13|T|T|T:5|axes:I keepdims:i
    ReduceLogSumExp|18|T =l?|T|T:5|keepdims:i noop_with_empty_axes:i
    ReduceLogSumExp|28|T =l?|T|T:3|keepdims:i noop_with_empty_axes:i
    ReduceMax|1|T|T|T:4|axes:I keepdims:i
    ReduceMax|11|T|T|T:4|axes:I keepdims:i
    ReduceMax|12|T|T|T:76|axes:I keepdims:i
    ReduceMax|13|T|T|T:77|axes:I keepdims:i
    ReduceMax|18|T =l?|T|T:77|keepdims:i noop_with_empty_axes:i
    ReduceMax|20|T =l?|T|T:78|keepdims:i noop_with_empty_axes:i
    ReduceMean|1|T|T|T:4|axes:I keepdims:i
    ReduceMean|11|T|T|T:4|axes:I keepdims:i
    ReduceMean|13|T|T|T:5|axes:I keepdims:i
    ReduceMean|18|T =l?|T|T:5|keepdims:i noop_with_empty_axes:i
    ReduceMin|1|T|T|T:4|axes:I keepdims:i
    ReduceMin|11|T|T|T:4|axes:I keepdims:i
    ReduceMin|12|T|T|T:76|axes:I keepdims:i
    ReduceMin|13|T|T|T:77|axes:I keepdims:i
    ReduceMin|18|T =l?|T|T:77|keepdims:i noop_with_empty_axes:i
    ReduceMin|20|T =l?|T|T:78|keepdims:i noop_with_empty_axes:i
    ReduceProd|1|T|T|T:4|axes:I keepdims:i
    ReduceProd|11|T|T|T:4|axes:I keepdims:i
    ReduceProd|13|T|T|T:5|axes:I keepdims:i
    ReduceProd|18|T =l?|T|T:5|keepdims:i noop_with_empty_axes:i
    ReduceSum|1|T|T|T:4|axes:I keepdims:i
    ReduceSum|11|T|T|T:4|axes:I keepdims:i
    ReduceSum|13|T =l?|T|T:5|keepdims:i noop_with_empty_axes:i
    ReduceSumSquare|1|T|T|T:4|axes:I keepdims:i
    ReduceSumSquare|11|T|T|T:4|axes:I keepdims:i
    ReduceSumSquare|13|T|T|T:5|axes:I keepdims:i
    ReduceSumSquare|18|T =l?|T|T:5|keepdims:i noop_with_empty_axes:i
    RegexFullMatch|20|T1|T2|T1:79 T2:7|pattern:s
    Relu|6|T|T|T:2|
    Relu|13|T|T|T:3|
    Relu|14|T|T|T:59|
    Reshape|5|T =l|T|T:14|
    Reshape|13|T =l|T|T:15|
    Reshape|14|T =l|T|T:15|allowzero:i
    Reshape|19|T =l|T|T:16|allowzero:i
    Reshape|21|T =l|T|T:17|allowzero:i
    Reshape|23|T =l|T|T:18|allowzero:i
    Reshape|24|T =l|T|T:19|allowzero:i
    Reshape|25|T =l|T|T:20|allowzero:i
    Resize|10|T =f|T|T:14|mode:s
    Resize|11|T1 T2 =f =l?|T1|T1:14 T2:2|coordinate_transformation_mode:s cubic_coeff_a:f exclude_outside:i extrapolation_value:f mode:s nearest_mode:s
    Resize|13|T1 T2? =f? =l?|T1|T1:15 T2:2|coordinate_transformation_mode:s cubic_coeff_a:f exclude_outside:i extrapolation_value:f mode:s nearest_mode:s
    Resize|18|T1 T2? =f? =l?|T1|T1:15 T2:2|antialias:i axes:I coordinate_transformation_mode:s cubic_coeff_a:f exclude_outside:i extrapolation_value:f keep_aspect_ratio_policy:s mode:s nearest_mode:s
    Resize|19|T1 T2? =f? =l?|T1|T1:15 T2:2|antialias:i axes:I coordinate_transformation_mode:s cubic_coeff_a:f exclude_outside:i extrapolation_value:f keep_aspect_ratio_policy:s mode:s nearest_mode:s
    ReverseSequence|10|T =l|T|T:14|batch_axis:i time_axis:i
    ReverseSequence|28|T =l|T|T:15|batch_axis:i time_axis:i
    RoiAlign|10|T1 T1 T2|T1|T1:2 T2:6|mode:s output_height:i output_width:i sampling_ratio:i spatial_scale:f
    RoiAlign|16|T1 T1 T2|T1|T1:2 T2:6|coordinate_transformation_mode:s mode:s output_height:i output_width:i sampling_ratio:i spatial_scale:f
    RoiAlign|22|T1 T1 T2|T1|T1:3 T2:6|coordinate_transformation_mode:s mode:s output_height:i output_width:i sampling_ratio:i spatial_scale:f
    RotaryEmbedding|23|T T T M?|T|T:21 M:6|interleaved:i num_heads:i rotary_embedding_dim:i
    Round|11|T|T|T:2|
    Round|22|T|T|T:3|
    STFT|17|T1 T2 T1? T2?|T1|T1:3 T2:12|onesided:i
    Scan|8|I? V*~1|V*~1|I:6 V:14|body!:g directions:I num_scan_inputs!:i
    Scan|9|V*~1|V*~1|V:14|body!:g num_scan_inputs!:i scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I
    Scan|11|V*~1|V*~1|V:14|body!:g num_scan_inputs!:i scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I
    Scan|16|V*~1|V*~1|V:15|body!:g num_scan_inputs!:i scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I
    Scan|19|V*~1|V*~1|V:16|body!:g num_scan_inputs!:i scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I
    Scan|21|V*~1|V*~1|V:17|body!:g num_scan_inputs!:i scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I
    Scan|23|V*~1|V*~1|V:18|body!:g num_scan_inputs!:i scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I
    Scan|24|V*~1|V*~1|V:19|body!:g num_scan_inputs!:i scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I
    Scan|25|V*~1|V*~1|V:20|body!:g num_scan_inputs!:i scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I
    Scatter|9|T Tind T|T|T:14 Tind:12|axis:i
    Scatter|11|-
    ScatterElements|11|T Tind T|T|T:14 Tind:12|axis:i
    ScatterElements|13|T Tind T|T|T:15 Tind:12|axis:i
    ScatterElements|16|T Tind T|T|T:15 Tind:12|axis:i reduction:s
    ScatterElements|18|T Tind T|T|T:15 Tind:12|axis:i reduction:s
    ScatterND|11|T =l T|T|T:14|
    ScatterND|13|T =l T|T|T:15|
    ScatterND|16|T =l T|T|T:15|reduction:s
    ScatterND|18|T =l T|T|T:15|reduction:s
    Selu|6|T|T|T:2|alpha:f gamma:f
    Selu|22|T|T|T:3|alpha:f gamma:f
    SequenceAt|11|S I|T|S:23 T:14 I:12|
    SequenceConstruct|11|T*1|S|T:14 S:23|
    SequenceEmpty|11||S|S:23|dtype:i
    SequenceErase|11|S I?|S|S:23 I:12|
    SequenceInsert|11|S T I?|S|T:14 S:23 I:12|
    SequenceLength|11|S|I|S:23 I:6|
    SequenceMap|17|S V*~0|S*~1|S:23 V:47|body!:g
    Shape|1|T|T1|T:14 T1:6|
    Shape|13|T|T1|T:15 T1:6|
    Shape|15|T|T1|T:15 T1:6|end:i start:i
    Shape|19|T|T1|T:16 T1:6|end:i start:i
    Shape|21|T|T1|T:17 T1:6|end:i start:i
    Shape|23|T|T1|T:18 T1:6|end:i start:i
    Shape|24|T|T1|T:19 T1:6|end:i start:i
    Shape|25|T|T1|T:20 T1:6|end:i start:i
    Shrink|9|T|T|T:0|bias:f lambd:f
    Sigmoid|6|T|T|T:2|
    Sigmoid|13|T|T|T:3|
    Sign|9|T|T|T:0|
    Sign|13|T|T|T:1|
    Sin|7|T|T|T:2|
    Sin|22|T|T|T:3|
    Sinh|9|T|T|T:2|
    Sinh|22|T|T|T:3|
    Size|1|T|T1|T:14 T1:6|
    Size|13|T|T1|T:15 T1:6|
    Size|19|T|T1|T:16 T1:6|
    Size|21|T|T1|T:17 T1:6|
    Size|23|T|T1|T:18 T1:6|
    Size|24|T|T1|T:19 T1:6|
    Size|25|T|T1|T:20 T1:6|
    Slice|1|T|T|T:14|axes:I ends!:I starts!:I
    Slice|10|T Tind Tind Tind? Tind?|T|T:14 Tind:12|
    Slice|11|T Tind Tind Tind? Tind?|T|T:14 Tind:12|
    Slice|13|T Tind Tind Tind? Tind?|T|T:15 Tind:12|
    Softmax|1|T|T|T:2|axis:i
    Softmax|11|T|T|T:2|axis:i
    Softmax|13|T|T|T:3|axis:i
    SoftmaxCrossEntropyLoss|12|T Tind T?|T T?|T:2 Tind:12|ignore_index:i reduction:s
    SoftmaxCrossEntropyLoss|13|T Tind T?|T T?|T:3 Tind:12|ignore_index:i reduction:s
    Softplus|1|T|T|T:2|
    Softplus|22|T|T|T:3|
    Softsign|1|T|T|T:2|
    Softsign|22|T|T|T:3|
    SpaceToDepth|1|T|T|T:14|blocksize!:i
    SpaceToDepth|13|T|T|T:15|blocksize!:i
    SpaceToDepth|28|T|T|T:15|blocksize!:i mode:s
    Split|2|T|T*1|T:14|axis:i split:I
    Split|11|T|T*1|T:14|axis:i split:I
    Split|13|T =l?|T*1|T:15|axis:i
    Split|18|T =l?|T*1|T:15|axis:i num_outputs:i
    SplitToSequence|11|T I?|S|T:14 I:12 S:23|axis:i keepdims:i
    SplitToSequence|24|T I?|S|T:15 I:12 S:80|axis:i keepdims:i
    Sqrt|6|T|T|T:2|
    Sqrt|13|T|T|T:3|
    Squeeze|1|T|T|T:14|axes:I
    Squeeze|11|T|T|T:14|axes:I
    Squeeze|13|T =l?|T|T:15|
    Squeeze|21|T =l?|T|T:17|
    Squeeze|23|T =l?|T|T:18|
    Squeeze|24|T =l?|T|T:19|
    Squeeze|25|T =l?|T|T:20|
    StringConcat|20|T T|T|T:79|
    StringNormalizer|10|=t|=t||case_change_action:s is_case_sensitive:i locale:s stopwords:S
    StringSplit|20|T1|T2 T3|T1:79 T2:79 T3:6|delimiter:s maxsplit:i
    Sub|7|T T|T|T:4|
    Sub|13|T T|T|T:5|
    Sub|14|T T|T|T:1|
    Sum|6|T*1|T|T:2|
    Sum|8|T*1|T|T:2|
    Sum|13|T*1|T|T:3|
    SwiGLU|28|T T|T|T:3|alpha:f
    Swish|24|T|T|T:3|alpha:f
    Tan|7|T|T|T:2|
    Tan|22|T|T|T:3|
    Tanh|6|T|T|T:2|
    Tanh|13|T|T|T:3|
    TensorScatter|24|T T =l?|T|T:19|axis:i mode:s
    TfIdfVectorizer|9|T|T1|T:81 T1:22|max_gram_length!:i max_skip_count!:i min_gram_length!:i mode!:s ngram_counts!:I ngram_indexes!:I pool_int64s:I pool_strings:S weights:F
    ThresholdedRelu|10|T|T|T:2|alpha:f
    ThresholdedRelu|22|T|T|T:3|alpha:f
    Tile|6|T T1|T|T:14 T1:6|
    Tile|13|T T1|T|T:15 T1:6|
    TopK|1|T|T I|T:2 I:6|axis:i k!:i
    TopK|10|T =l|T I|T:2 I:6|axis:i
    TopK|11|T =l|T I|T:0 I:6|axis:i largest:i sorted:i
    TopK|24|T =l|T I|T:1 I:6|axis:i largest:i sorted:i
    Transpose|1|T|T|T:14|perm:I
    Transpose|13|T|T|T:15|perm:I
    Transpose|21|T|T|T:17|perm:I
    Transpose|23|T|T|T:18|perm:I
    Transpose|24|T|T|T:19|perm:I
    Transpose|25|T|T|T:20|perm:I
    Trilu|14|T =l?|T|T:15|upper:i
    Unique|11|T|T =l? =l? =l?|T:14|axis:i sorted:i
    Unique|28|T|T =l? =l? =l?|T:15|axis:i sorted:i
    Unsqueeze|1|T|T|T:14|axes!:I
    Unsqueeze|11|T|T|T:14|axes!:I
    Unsqueeze|13|T =l|T|T:15|
    Unsqueeze|21|T =l|T|T:17|
    Unsqueeze|23|T =l|T|T:18|
    Unsqueeze|24|T =l|T|T:19|
    Unsqueeze|25|T =l|T|T:20|
    Upsample|7|T|T|T:14|mode:s scales!:F
    Upsample|9|T =f|T|T:14|mode:s
    Upsample|10|-
    Where|9|B T T|T|B:7 T:14|
    Where|16|B T T|T|B:7 T:15|
    Xor|7|T T|T1|T:7 T1:7|
    ai.onnx.ml.ArrayFeatureExtractor|1|T =l|T|T:82|
    ai.onnx.ml.Binarizer|1|T|T|T:83|threshold:f
    ai.onnx.ml.CastMap|1|T1|T2|T1:84 T2:85|cast_to:s map_form:s max_map:i
    ai.onnx.ml.CategoryMapper|1|T1|T2|T1:86 T2:86|cats_int64s:I cats_strings:S default_int64:i default_string:s
    ai.onnx.ml.DictVectorizer|1|T1|T2|T1:84 T2:87|int64_vocabulary:I string_vocabulary:S
    ai.onnx.ml.FeatureVectorizer|1|T1*1|=f|T1:83|inputdimensions:I
    ai.onnx.ml.Imputer|1|T|T|T:83|imputed_value_floats:F imputed_value_int64s:I replaced_value_float:f replaced_value_int64:i
    ai.onnx.ml.LabelEncoder|1|T1|T2|T1:86 T2:86|classes_strings:S default_int64:i default_string:s
    ai.onnx.ml.LabelEncoder|2|T1|T2|T1:85 T2:85|default_float:f default_int64:i default_string:s keys_floats:F keys_int64s:I keys_strings:S values_floats:F values_int64s:I values_strings:S
    ai.onnx.ml.LabelEncoder|4|T1|T2|T1:88 T2:88|default_float:f default_int64:i default_string:s default_tensor:t keys_floats:F keys_int64s:I keys_strings:S keys_tensor:t values_floats:F values_int64s:I values_strings:S values_tensor:t
    ai.onnx.ml.LinearClassifier|1|T1|T2 =f|T1:83 T2:86|classlabels_ints:I classlabels_strings:S coefficients!:F intercepts:F multi_class:i post_transform:s
    ai.onnx.ml.LinearRegressor|1|T|=f|T:83|coefficients:F intercepts:F post_transform:s targets:i
    ai.onnx.ml.Normalizer|1|T|=f|T:83|norm:s
    ai.onnx.ml.OneHotEncoder|1|T|=f|T:82|cats_int64s:I cats_strings:S zeros:i
    ai.onnx.ml.SVMClassifier|1|T1|T2 =f|T1:83 T2:86|classlabels_ints:I classlabels_strings:S coefficients:F kernel_params:F kernel_type:s post_transform:s prob_a:F prob_b:F rho:F support_vectors:F vectors_per_class:I
    ai.onnx.ml.SVMRegressor|1|T|=f|T:83|coefficients:F kernel_params:F kernel_type:s n_supports:i one_class:i post_transform:s rho:F support_vectors:F
    ai.onnx.ml.Scaler|1|T|=f|T:83|offset:F scale:F
    ai.onnx.ml.TreeEnsemble|5|T|T|T:2|aggregate_function:i leaf_targetids!:I leaf_weights!:t membership_values:t n_targets:i nodes_falseleafs!:I nodes_falsenodeids!:I nodes_featureids!:I nodes_hitrates:t nodes_missing_value_tracks_true:I nodes_modes!:t nodes_splits!:t nodes_trueleafs!:I nodes_truenodeids!:I post_transform:i tree_roots!:I
    ai.onnx.ml.TreeEnsembleClassifier|1|T1|T2 =f|T1:83 T2:86|base_values:F class_ids:I class_nodeids:I class_treeids:I class_weights:F classlabels_int64s:I classlabels_strings:S nodes_falsenodeids:I nodes_featureids:I nodes_hitrates:F nodes_missing_value_tracks_true:I nodes_modes:S nodes_nodeids:I nodes_treeids:I nodes_truenodeids:I nodes_values:F post_transform:s
    ai.onnx.ml.TreeEnsembleClassifier|3|T1|T2 =f|T1:83 T2:86|base_values:F base_values_as_tensor:t class_ids:I class_nodeids:I class_treeids:I class_weights:F class_weights_as_tensor:t classlabels_int64s:I classlabels_strings:S nodes_falsenodeids:I nodes_featureids:I nodes_hitrates:F nodes_hitrates_as_tensor:t nodes_missing_value_tracks_true:I nodes_modes:S nodes_nodeids:I nodes_treeids:I nodes_truenodeids:I nodes_values:F nodes_values_as_tensor:t post_transform:s
    ai.onnx.ml.TreeEnsembleClassifier|5|-
    ai.onnx.ml.TreeEnsembleRegressor|1|T|=f|T:83|aggregate_function:s base_values:F n_targets:i nodes_falsenodeids:I nodes_featureids:I nodes_hitrates:F nodes_missing_value_tracks_true:I nodes_modes:S nodes_nodeids:I nodes_treeids:I nodes_truenodeids:I nodes_values:F post_transform:s target_ids:I target_nodeids:I target_treeids:I target_weights:F
    ai.onnx.ml.TreeEnsembleRegressor|3|T|=f|T:83|aggregate_function:s base_values:F base_values_as_tensor:t n_targets:i nodes_falsenodeids:I nodes_featureids:I nodes_hitrates:F nodes_hitrates_as_tensor:t nodes_missing_value_tracks_true:I nodes_modes:S nodes_nodeids:I nodes_treeids:I nodes_truenodeids:I nodes_values:F nodes_values_as_tensor:t post_transform:s target_ids:I target_nodeids:I target_treeids:I target_weights:F target_weights_as_tensor:t
    ai.onnx.ml.TreeEnsembleRegressor|5|-
    ai.onnx.ml.ZipMap|1|=f|T|T:84|classlabels_int64s:I classlabels_strings:S
    """
}
