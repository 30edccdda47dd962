#pragma once
#include <string>
#include <string_view>

// Containers as the names of cgroups tell of them. Pure. Source: the cgroup drivers of runc ("cgroupfs" and "systemd"),
// Podman, CRI-O, containerd, LXC and systemd-machined.
namespace fracas::agent {

// The id or name of the container whose cgroup this is, or in whose cgroup it lies; the innermost where they are
// nested. Empty: none. "docker/ID", "docker-ID.scope", "libpod-ID.scope", "cri-containerd-ID.scope", "crio-ID.scope",
// "kubepods/…/podUID/ID", "lxc.payload.NAME", "lxc/NAME", "machine-NAME.scope", "systemd-nspawn@NAME.service".
// A monitor's ("libpod-conmon-ID.scope") is none.
std::string container_of(std::string_view cgroup);

// The same for the last part of the path alone: whether the container begins there.
std::string container_at(std::string_view cgroup);

// Whether `wanted` means the container `id`: it is its name, or the beginning of its hexadecimal id.
bool means_container(std::string_view wanted, std::string_view id);

}  // namespace fracas::agent
