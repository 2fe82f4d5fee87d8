"""Protocol buffers to C++ with Debian's protoc and its gRPC plugin.

Files live under //proto and import each other by their path below it."""

def _generated(name, src, deps, suffixes, plugin_flags, system_dep, kwargs):
    stem = src[:-len(".proto")]
    outs = [stem + suffix for suffix in suffixes]
    native.genrule(
        name = name + "_code",
        srcs = [src] + [d + "_src" for d in deps],
        outs = outs,
        cmd = "protoc -Iproto --cpp_out=$(GENDIR)/proto %s $(location %s)" % (plugin_flags, src),
    )
    native.filegroup(
        name = name + "_src",
        srcs = [src] + [d + "_src" for d in deps],
        visibility = ["//proto:__subpackages__"],
    )
    native.cc_library(
        name = name,
        srcs = [o for o in outs if o.endswith(".cc")],
        hdrs = [o for o in outs if o.endswith(".h")],
        deps = deps + [system_dep, "//proto:include_path"],
        **kwargs
    )

def cc_message_library(name, src, deps = [], **kwargs):
    """Messages only: no gRPC headers, so units that use them stay cheap."""
    _generated(name, src, deps, [".pb.h", ".pb.cc"], "", "@system//:protobuf", kwargs)

def cc_grpc_library(name, src, deps = [], **kwargs):
    """Messages and services of one file."""
    _generated(
        name,
        src,
        deps,
        [".pb.h", ".pb.cc", ".grpc.pb.h", ".grpc.pb.cc"],
        "--grpc_out=$(GENDIR)/proto --plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin",
        "@system//:grpc",
        kwargs,
    )
