package tenancy

import "slices"

// Role is what a person or a device is in a company, or in one of its stores: a preset, or a custom one.
type Role string

// The presets, and Custom for a role that a company made itself.
const (
	Owner            Role = "OWNER"
	AreaManager      Role = "AREA_MANAGER"
	Manager          Role = "MANAGER"
	AssistantManager Role = "ASSISTANT_MANAGER"
	Supervisor       Role = "SUPERVISOR"
	Cashier          Role = "CASHIER"
	Trainee          Role = "TRAINEE"
	SalesAssistant   Role = "SALES_ASSISTANT"
	CustomerService  Role = "CUSTOMER_SERVICE"
	StockKeeper      Role = "STOCK_KEEPER"
	Buyer            Role = "BUYER"
	Merchandiser     Role = "MERCHANDISER"
	Accountant       Role = "ACCOUNTANT"
	Auditor          Role = "AUDITOR"
	Technician       Role = "TECHNICIAN"

	Custom   Role = "CUSTOM"
	Register Role = "REGISTER"
	// Support is an operator with an access that the company knows of.
	Support Role = "SUPPORT"
)

// Presets are the roles that every company has, the most powerful first.
func Presets() []Role {
	return []Role{
		Owner, AreaManager, Manager, AssistantManager, Supervisor, Cashier, Trainee, SalesAssistant, CustomerService,
		StockKeeper, Buyer, Merchandiser, Accountant, Auditor, Technician,
	}
}

// PermissionsOf says what a preset, or a register, may do; nothing for a role that isn't one.
func PermissionsOf(r Role) []Permission {
	if r == Owner {
		return Permissions()
	}
	held := slices.Clone(presets()[r])
	slices.Sort(held)
	return held
}

func (g Grant) permissions() []Permission {
	if g.Role != Custom {
		return PermissionsOf(g.Role)
	}
	held := slices.DeleteFunc(slices.Clone(g.Permissions), func(p Permission) bool {
		return !slices.Contains(Permissions(), p) // one that a later version took away
	})
	slices.Sort(held)
	return slices.Compact(held)
}

// presets says what each preset but the owner's may do.
func presets() map[Role][]Permission {
	till := []Permission{CustomerRead, CustomerWrite, InventoryRead, SaleRead, SaleRecord, SaleRefund, TillUse}
	supervisor := with(till, ApprovalDecide, DiscountLarge, PriceOverride, ReturnNoReceipt, SaleVoid)
	assistant := with(supervisor, GiftCardIssue, StockAdjust, TillApprove, UserRead)
	manager := with(assistant, AuditRead, CostRead, CreditAdjust, PriceWrite, RegisterManage, ReportRead, RoleAssign, StockApprove,
		StoreUpdate, TimeWrite, UserManage)
	reading := []Permission{AuditRead, AuditVerify, CostRead, CustomerRead, InventoryRead, ReportRead, SaleRead}
	return map[Role][]Permission{
		AreaManager:      with(manager, ProductWrite),
		Manager:          manager,
		AssistantManager: assistant,
		Supervisor:       supervisor,
		Cashier:          till,
		Register:         till,
		Trainee:          {InventoryRead, SaleRead, SaleRecord},
		SalesAssistant:   {CustomerRead, CustomerWrite, InventoryRead, SaleRead},
		CustomerService:  {CustomerRead, CustomerWrite, InventoryRead, ReturnNoReceipt, SaleRead, SaleRefund, SaleRecord},
		StockKeeper:      {InventoryRead, StockAdjust},
		Buyer:            {CostRead, InventoryRead, ProductWrite, SaleRead, StockAdjust},
		Merchandiser:     {InventoryRead, PriceWrite, ProductWrite, SaleRead},
		Accountant:       with(reading, CreditAdjust, TaxWrite, UserRead),
		Auditor:          with(reading, UserRead),
		Technician:       {RegisterManage},
		// What shows what there is. Nothing of it changes anything in a scope that only reads.
		Support: with(reading, SettingsWrite, TillUse, TraceRead, UserRead),
	}
}

// supportWriting is what an operator may do who was granted more than reading: nothing that would outlast the access.
func supportWriting() []Permission {
	return slices.DeleteFunc(Permissions(), func(p Permission) bool {
		return p == UserManage || p == RoleAssign || p == RoleManage || p == RegisterManage || p == AppManage
	})
}

func with(base []Permission, more ...Permission) []Permission {
	return append(slices.Clone(base), more...)
}
