// swift-tools-version: 6.1
import Foundation
import PackageDescription

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

/// The test targets to build, separated by commas; all of them where it is not set. `Scripts/test --filter` sets it, so
/// that the tests of one target do not wait for those of all.
let testTargets = ProcessInfo.processInfo.environment["PARETOP_TEST_TARGETS"].map {
  Set($0.split(separator: ",").map(String.init))
}

/// A target and its test target of the same stem. Targets stand in the order of the layers, lowest first.
func layer(
  _ name: String, _ dependencies: [Target.Dependency] = [], testFiles: [String] = []
) -> [Target] {
  [
    .target(name: name, dependencies: dependencies),
    .testTarget(name: name + "Tests", dependencies: [.target(name: name)] + dependencies, exclude: testFiles),
  ]
}

let allTargets: [Target] =
  [
    .target(name: "CKernels"),
    .target(name: "CNcurses", linkerSettings: [.linkedLibrary("ncursesw")]),
    .target(name: "COpenBLAS", linkerSettings: [.linkedLibrary("openblas")]),
    .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("crypto")]),
    .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
  ]
  + layer("TensorCore")
  + layer("Kernels", ["TensorCore", "CKernels"])
  + layer("GraphIR", ["TensorCore"])
  + layer("Operators", ["GraphIR", "Kernels", "TensorCore"])
  + layer("ModelFormats", ["GraphIR", "TensorCore", "CZlib", protobuf, toml])
  + layer("Rewriting", ["Operators", "Kernels", "GraphIR", "TensorCore"])
  + layer("Gradients", ["Rewriting", "Operators", "Kernels", "GraphIR", "TensorCore"])
  + layer("Recipes", ["GraphIR", "TensorCore", toml])
  + layer("Execution", ["Gradients", "Rewriting", "Operators", "Kernels", "GraphIR", "TensorCore"])
  + layer(
    "Compression",
    ["Recipes", "Gradients", "Rewriting", "Operators", "Kernels", "GraphIR", "TensorCore", "COpenBLAS"])
  + layer(
    "Evaluation",
    [
      "Compression", "Execution", "Recipes", "Gradients", "Rewriting", "Operators", "Kernels", "GraphIR",
      "TensorCore", "CZlib",
    ])
  + layer("Search", ["Evaluation", "Compression", "Recipes", "GraphIR", "TensorCore"])
  + layer(
    "Session",
    [
      "Search", "Evaluation", "Compression", "Recipes", "Execution", "Rewriting", "ModelFormats", "Kernels",
      "GraphIR", "TensorCore", "COpenSSL", grdb,
    ])
  + layer("TerminalUI", ["CNcurses", toml])
  + layer(
    "Workbench",
    [
      "TerminalUI", "Session", "Search", "Evaluation", "Compression", "Recipes", "Execution", "ModelFormats",
      "Kernels", "GraphIR", "TensorCore",
    ], testFiles: ["Golden"])
  + [
    .executableTarget(
      name: "paretop",
      dependencies: [
        "Workbench", "Session", "Search", "Evaluation", "Compression", "Recipes", "Execution", "ModelFormats",
        "Kernels",
        "GraphIR", "TensorCore", "TerminalUI", argumentParser,
      ]),
    .executableTarget(
      name: "paretop-conformance",
      dependencies: [
        "Execution", "Gradients", "Operators", "ModelFormats", "Kernels", "GraphIR", "TensorCore",
        argumentParser,
      ],
      path: "Tests/Conformance"),
    .executableTarget(
      name: "paretop-bench",
      dependencies: [
        "Session", "Evaluation", "Compression", "Recipes", "Execution", "Kernels", "GraphIR", "TensorCore",
        "COpenBLAS",
      ],
      path: "Benchmarks"),
    .testTarget(name: "ArchitectureTests"),
    .testTarget(name: "EndToEndTests"),
  ]

let package = Package(
  name: "paretop",
  products: [.executable(name: "paretop", targets: ["paretop"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: allTargets.filter { $0.type != .test || testTargets?.contains($0.name) ?? true },
  swiftLanguageModes: [.v6]
)
