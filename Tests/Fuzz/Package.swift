// swift-tools-version: 6.1
import PackageDescription

// The readers alone, instrumented for libFuzzer: Scripts/fuzz builds and runs them. A package of its own, since the
// targets it needs are built a second time; the folders in Sources that are no fuzz targets are links to the real ones.
let readers = ["onnx", "npz", "npy", "idx", "csv"].map { "fuzz-" + $0 }

// Our own code is watched; the protocol buffer library is not, which would take minutes to build.
let watched: [SwiftSetting] = [.unsafeFlags(["-sanitize=address,fuzzer"])]
let linked: [LinkerSetting] = [.unsafeFlags(["-sanitize=address,fuzzer"])]

let package = Package(
  name: "paretop",
  products: readers.map { .executable(name: $0, targets: [$0]) },
  dependencies: [.package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0")],
  targets: [
    .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
    .target(name: "TensorCore", swiftSettings: watched),
    .target(name: "GraphIR", dependencies: ["TensorCore"], swiftSettings: watched),
    .target(name: "CKernels"),
    .target(name: "Kernels", dependencies: ["TensorCore", "CKernels"], swiftSettings: watched),
    .target(name: "Operators", dependencies: ["GraphIR", "Kernels", "TensorCore"], swiftSettings: watched),
    // Model cards are the user's own text; leaving them out spares the TOML library.
    .target(
      name: "ModelFormats",
      dependencies: [
        "Operators", "GraphIR", "TensorCore", "CZlib",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["Cards"], swiftSettings: watched),
    .target(
      name: "FuzzReaders", dependencies: ["ModelFormats", "GraphIR", "TensorCore"], swiftSettings: watched),
  ] + readers.map { .executableTarget(name: $0, dependencies: ["FuzzReaders"], linkerSettings: linked) },
  swiftLanguageModes: [.v6]
)
