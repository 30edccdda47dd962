# The agent and the controller as Debian packages: `cmake --build build/release && (cd build/release && cpack)` writes
# fracas-agent_VERSION_amd64.deb and fracas_VERSION_amd64.deb. The programs that it calls stand beside it, which is where it looks for them.
set(AGENT_HOME lib/fracas)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/package)
install(TARGETS fracas-agent fracas-disk fracas-trace fracas-stress RUNTIME DESTINATION ${AGENT_HOME} COMPONENT fracas-agent)
set(AGENT_LINK ${CMAKE_BINARY_DIR}/package/fracas-agent)
file(CREATE_LINK ../${AGENT_HOME}/fracas-agent ${AGENT_LINK} SYMBOLIC)
install(FILES ${AGENT_LINK} DESTINATION bin COMPONENT fracas-agent)
install(FILES ${CMAKE_SOURCE_DIR}/deploy/systemd/fracas-agent.service DESTINATION lib/systemd/system COMPONENT fracas-agent)
install(FILES ${CMAKE_SOURCE_DIR}/deploy/debian/fracas-agent.default DESTINATION /etc/default RENAME fracas-agent COMPONENT fracas-agent)
install(FILES ${CMAKE_SOURCE_DIR}/deploy/policy.example.toml DESTINATION share/doc/fracas-agent/examples COMPONENT fracas-agent)

install(TARGETS fracas fracas-raft fracas-quorum fracas-bridge RUNTIME DESTINATION ${AGENT_HOME} COMPONENT fracas)
set(CONTROLLER_LINK ${CMAKE_BINARY_DIR}/package/fracas)
file(CREATE_LINK ../${AGENT_HOME}/fracas ${CONTROLLER_LINK} SYMBOLIC)
install(FILES ${CONTROLLER_LINK} DESTINATION bin COMPONENT fracas)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/experiments DESTINATION share/fracas COMPONENT fracas)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME fracas)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_CONTACT "The fracas developers <fracas@localhost>")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL fracas-agent fracas)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_FRACAS-AGENT_PACKAGE_NAME fracas-agent)
set(CPACK_DEBIAN_FRACAS-AGENT_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_FRACAS-AGENT_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FRACAS-AGENT_DESCRIPTION "agent of fracas, a chaos-engineering toolkit
 Injects faults on this host (network, processes, clocks, disks, resources) as the
 controllers of a fleet ask, and takes each back at the end of its window.")
set(CPACK_DEBIAN_FRACAS-AGENT_PACKAGE_CONTROL_EXTRA
  ${CMAKE_SOURCE_DIR}/deploy/debian/postinst ${CMAKE_SOURCE_DIR}/deploy/debian/prerm
  ${CMAKE_SOURCE_DIR}/deploy/debian/postrm ${CMAKE_SOURCE_DIR}/deploy/debian/conffiles)
set(CPACK_DEBIAN_FRACAS_PACKAGE_NAME fracas)
set(CPACK_DEBIAN_FRACAS_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_FRACAS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FRACAS_PACKAGE_DEPENDS "fracas-agent (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_FRACAS_DESCRIPTION "chaos-engineering toolkit
 Breaks distributed systems on purpose and judges what survived: experiments in labs,
 simulations and fleets, release gates, game days.")
include(CPack)
