"""Everything that a script can name. A new fault is one file here and one entry below."""

from models.faults.agent_crash import AgentCrash
from models.faults.annotate_export import AnnotateExport
from models.faults.away import RemoveCluster, StartAgent, StopAgent, Uninstall
from models.faults.backends import StartBackends
from models.faults.broker_down import BrokerDown
from models.faults.calls import ApiError, FailingCalls, HangingCall, KillAtWrite
from models.faults.dns_objects import PutGateway, PutImport, PutSlice
from models.faults.fault import STOP, Operation, Over, SpendFault, Turn
from models.faults.global_ip import GlobalIp
from models.faults.host_reboot import HostReboot
from models.faults.k8s_slices import AddForeignSlice, AddSlice, ChangeEndpoints, RemoveSlice
from models.faults.kernel_flush import KernelFlush
from models.faults.label_service import LabelService
from models.faults.legacy import LegacyImport, LegacySlice, OldAggregate
from models.faults.namespace import UserCreatesNamespace, UserDeletesNamespace
from models.faults.objects import ChangeReadiness, DeleteObject
from models.faults.pause import Pause
from models.faults.restart_container import UserRestartsContainer
from models.faults.roll_out import RollOut
from models.faults.service import ChangeService, CreateService, DeleteService
from models.faults.user import UserDeletesAggregates, UserExport, UserRestartsAgent, UserUnexport
from models.faults.watches import CutBroker, StaleList, WatchGap

FAULTS: dict[str, type[Operation]] = {
    kind.name: kind
    for kind in (
        AgentCrash,
        ApiError,
        BrokerDown,
        CutBroker,
        FailingCalls,
        HangingCall,
        HostReboot,
        KernelFlush,
        KillAtWrite,
        Pause,
        RollOut,
        StaleList,
        WatchGap,
    )
}
USER_OPERATIONS: dict[str, type[Operation]] = {
    kind.name: kind
    for kind in (
        AddForeignSlice,
        AddSlice,
        AnnotateExport,
        ChangeEndpoints,
        ChangeReadiness,
        ChangeService,
        CreateService,
        DeleteObject,
        DeleteService,
        GlobalIp,
        LabelService,
        LegacyImport,
        LegacySlice,
        OldAggregate,
        PutGateway,
        PutImport,
        PutSlice,
        RemoveCluster,
        RemoveSlice,
        StartAgent,
        StartBackends,
        StopAgent,
        Uninstall,
        UserCreatesNamespace,
        UserDeletesAggregates,
        UserDeletesNamespace,
        UserExport,
        UserRestartsAgent,
        UserRestartsContainer,
        UserUnexport,
    )
}

__all__ = ["FAULTS", "STOP", "USER_OPERATIONS", "Operation", "Over", "SpendFault", "Turn"]
